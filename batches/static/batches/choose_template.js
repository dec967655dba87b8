'use strict';
// Choosing a batch template loads its parameter table; what was typed already is kept.
document.addEventListener('DOMContentLoaded', () => {
    const choice = document.getElementById('template-choice');
    if (!choice) {
        return;
    }
    const keepTyped = () => {
        for (const name of ['code', 'label']) {
            const typed = document.querySelector(`#batch_form [name=${name}]`);
            if (typed) {
                choice.elements[name].value = typed.value;
            }
        }
    };
    choice.addEventListener('submit', keepTyped);
    choice.elements.template.addEventListener('change', () => choice.requestSubmit());
    choice.querySelector('button').hidden = true;
});
