'use strict';
// Tells wrong addresses beside their field while they are typed, and lets “all” stand alone. The server checks again.
{
    const ADDRESS = /^[^\s@;,<>"]+@[^\s@;,<>"]+\.[^\s@;,<>".]+$/;

    const wrongOf = (input) => {
        const several = input.dataset.addresses === 'emails';
        const addresses = several ? input.value.split(';') : [input.value];
        return addresses.map((text) => text.trim()).find((text) => text && !ADDRESS.test(text)) || '';
    };

    const messageOf = (input) => {
        const id = `${input.id}_wrong`;
        let message = document.getElementById(id);
        if (!message) {
            message = document.createElement('p');
            message.id = id;
            message.className = 'wrong-address';
            message.setAttribute('aria-live', 'polite');
            input.after(message);
        }
        return message;
    };

    const tell = (input, wrong) => {
        const words = input.closest('[data-wrong-address]').dataset.wrongAddress;
        messageOf(input).textContent = wrong && `${words} ${wrong}`;
        if (wrong) {
            input.setAttribute('aria-invalid', 'true');
        } else {
            input.removeAttribute('aria-invalid');
        }
    };

    // While typing, a mistake is only taken back; it is told when the field is left.
    document.addEventListener('focusin', (event) => event.target.dataset.addresses && messageOf(event.target));
    document.addEventListener('focusout', (event) => {
        if (event.target.dataset.addresses) {
            tell(event.target, wrongOf(event.target));
        }
    });
    document.addEventListener('input', (event) => {
        if (event.target.dataset.addresses && !wrongOf(event.target)) {
            tell(event.target, '');
        }
    });

    document.addEventListener('change', (event) => {
        const group = event.target.closest('fieldset[data-everything]');
        const everything = group && group.dataset.everything;
        if (!everything || !event.target.checked) {
            return;
        }
        for (const box of group.querySelectorAll('input')) {
            if ((box.value === everything) !== (event.target.value === everything)) {
                box.checked = false;
            }
        }
    });
}
