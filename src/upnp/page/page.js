// SPDX-License-Identifier: GPL-2.0-or-later
"use strict";
(() => {
  const every = 10000, button = document.getElementById("pause"), state = document.getElementById("state");
  let paused = false, busy = false, last = Date.now();
  const say = (text) => { if (state.textContent !== text) state.textContent = text; };
  const inUse = (main) => {
    const selection = getSelection();
    return !selection.isCollapsed && main.contains(selection.anchorNode);
  };
  const put = (fresh) => {
    const main = document.querySelector("main");
    if (!fresh || inUse(main)) return;
    const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
    const x = scrollX, y = scrollY;
    main.replaceWith(document.adoptNode(fresh));
    if (focused) document.getElementById(focused)?.focus({preventScroll: true});
    scrollTo(x, y);
  };
  const look = async () => {
    if (paused || busy || document.hidden) return;
    busy = true;
    last = Date.now();
    try {
      const answer = await fetch("/", {cache: "no-store", redirect: "error"});
      if (!answer.ok) throw answer.status;
      put(new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main"));
      say("This page refreshes itself every 10 seconds.");
    } catch {
      say("The router does not answer at the moment; the page is older than it should be.");
    }
    busy = false;
  };
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    say(paused ? "This page does not refresh itself." : "This page refreshes itself every 10 seconds.");
    look();
  });
  document.addEventListener("visibilitychange", () => { if (Date.now() - last >= every) look(); });
  button.hidden = false;
  say("This page refreshes itself every 10 seconds.");
  setInterval(look, every);
})();
