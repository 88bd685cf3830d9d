// Keeps the part of a page with data-every fresh. Without this script every page works; it only stands still.
"use strict";
(() => {
  const open = (root) => new Set([...root.querySelectorAll("details[open][data-keep]")].map((one) => one.dataset.keep));
  const focusable = (root) => [...root.querySelectorAll("a[href], summary, pre[tabindex], button")];
  const note = (text) => {
    const place = document.getElementById("freshness");
    if (place && place.textContent !== text) place.textContent = text;
  };
  let failures = 0;

  const selecting = (live) => {
    const chosen = document.getSelection();
    return chosen && !chosen.isCollapsed && live.contains(chosen.anchorNode);
  };

  // What somebody fills in would be gone: then nothing moves either, until it is sent.
  addEventListener("input", (event) => event.target.closest?.("#live")?.setAttribute("data-edited", ""));

  const replace = (live, html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("live");
    if (!fresh) return false;
    const kept = open(live);
    for (const one of fresh.querySelectorAll("details[data-keep]")) one.open = kept.has(one.dataset.keep);
    const focused = focusable(live).indexOf(document.activeElement);
    const next = document.importNode(fresh, true);
    live.replaceWith(next);
    if (focused >= 0) focusable(next)[focused]?.focus({ preventScroll: true });
    if (next.dataset.title) document.title = next.dataset.title;
    return true;
  };

  const look = async () => {
    const live = document.getElementById("live");
    if (!live || !live.dataset.every) return;
    // Somebody is copying, or nobody is looking: then nothing moves.
    if (!document.hidden && !selecting(live) && !live.hasAttribute("data-edited")) {
      try {
        const address = new URL(location.href);
        address.searchParams.set("part", "live");
        const answer = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(10000) });
        const html = await answer.text();
        if (!answer.ok || (!live.hasAttribute("data-edited") && !replace(live, html))) throw new Error(String(answer.status));
        failures = 0;
        note(", and is kept fresh");
      } catch {
        failures += 1;
        note(". The service does not answer, so this may be old; trying again");
      }
    }
    if (live.hasAttribute("data-edited")) note(". It stands still while you fill in");
    const now = document.getElementById("live");
    if (now && now.dataset.every) setTimeout(look, Math.min(60, Number(now.dataset.every) * 2 ** failures) * 1000);
    else note(", and is final");
  };

  // A link to a line of the playbook opens the text it stands in.
  const reveal = () => {
    const place = location.hash.startsWith("#L") && document.getElementById(location.hash.slice(1));
    const around = place && place.closest("details");
    if (around) {
      around.open = true;
      place.scrollIntoView({ block: "center" });
    }
  };

  addEventListener("hashchange", reveal);
  reveal();
  const live = document.getElementById("live");
  if (live && live.dataset.every) setTimeout(look, Number(live.dataset.every) * 1000);
})();
