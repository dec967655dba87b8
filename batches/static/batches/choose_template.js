'use strict';
// Choosing a batch template brings its parameter table into the page; what was typed already is kept.
document.addEventListener('DOMContentLoaded', () => {
    const choice = document.getElementById('template-choice');
    if (!choice) {
        return;
    }
    const form = document.getElementById('batch_form');
    const place = document.getElementById('parameters');
    const template = choice.elements.template;
    const keyOf = (input) => input.type === 'checkbox' ? `${input.name} ${input.value}` : input.name;

    const show = (table) => {
        const typed = new Map([...place.querySelectorAll('input')].map((input) => [keyOf(input), input]));
        place.innerHTML = table;
        for (const input of place.querySelectorAll('input')) {
            const before = typed.get(keyOf(input));
            if (before) {
                input.value = before.value;
                input.checked = before.checked;
            }
        }
    };

    const refresh = async () => {
        const chosen = template.value;
        const response = await fetch(`${choice.dataset.table}?template=${encodeURIComponent(chosen)}`);
        if (!response.ok || response.redirected) {
            throw new Error('not allowed, or logged out');
        }
        const table = await response.text();
        if (template.value !== chosen) {
            return;
        }
        show(table);
        form.elements.template.value = chosen;
        choice.querySelector('[role=status]').textContent = chosen && choice.dataset.shown;
    };

    // Where the table cannot be had alone, the whole page says why: it leads to the login, for instance.
    template.addEventListener('change', () => refresh().catch(() => choice.requestSubmit()));
    choice.addEventListener('submit', () => {
        for (const name of ['code', 'label']) {
            choice.elements[name].value = form.elements[name].value;
        }
    });
    choice.querySelector('button').hidden = true;
});
