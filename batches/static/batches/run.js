'use strict';
// Shows how a run goes while it works: asks the server every second for what is new, until the run has ended.
document.addEventListener('DOMContentLoaded', () => {
    const LINES_SHOWN = 500;
    const NEAR = 40; // pixels from the end of the log that count as at its end
    const page = document.querySelector('[data-progress]');
    const log = document.getElementById('run-log');
    const byId = (id) => document.getElementById(id);
    if (!page || 'ended' in page.dataset) {
        return;
    }

    const replace = (id, html) => {
        const part = byId(id);
        if (part && part.dataset.shown !== html && !part.contains(document.activeElement)) {
            part.innerHTML = html;
            part.dataset.shown = html;
        }
    };

    const addLines = (html) => {
        const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
        log.insertAdjacentHTML('beforeend', html);
        while (log.children.length > LINES_SHOWN) {
            log.firstElementChild.remove();
        }
        byId('run-log-empty').hidden = log.children.length > 0;
        if (isAtEnd) {
            log.scrollTop = log.scrollHeight;
        }
    };

    const tell = () => {
        const words = page.querySelector('.run-outcome').textContent.replace(/\s+/g, ' ').trim();
        if (byId('run-told').textContent !== words) {
            byId('run-told').textContent = words;
        }
    };

    const show = (news) => {
        for (const [id, html] of Object.entries(news.parts)) {
            replace(id, html);
        }
        addLines(news.lines);
        page.dataset.last = news.last;
        if (news.ended) {
            tell();
        }
        for (const link of page.querySelectorAll('.run-reload')) {
            link.hidden = true;
        }
    };

    const ask = async () => {
        const address = `${page.dataset.progress}&after=${page.dataset.last}`;
        const answer = await fetch(address, {redirect: 'manual', signal: AbortSignal.timeout(10000)});
        if (answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status)) {
            return 'logged-out';
        }
        if (!answer.ok) {
            return 'away';
        }
        const news = await answer.json();
        show(news);
        return news.ended ? 'ended' : 'working';
    };

    const follow = async () => {
        const found = document.hidden ? 'working' : await ask().catch(() => 'away');
        byId('run-away').hidden = found !== 'away';
        byId('run-logged-out').hidden = found !== 'logged-out';
        if (found === 'working' || found === 'away') {
            setTimeout(follow, 1000);
        }
    };

    log.scrollTop = log.scrollHeight;
    follow();
});
