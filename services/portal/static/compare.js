// The tray of records of a type to compare: links marked `data-compare` choose instead of leading away.
(() => {
  "use strict";
  const comparing = document.querySelector("[data-comparing]"), tray = document.getElementById("tray");
  if (!comparing && !tray) return;
  const TYPE = (comparing || tray).dataset.type, KEY = "praxis-compare-" + TYPE;
  const load = () => { try { return JSON.parse(sessionStorage.getItem(KEY)) || []; } catch { return []; } };
  const save = (slugs) => { try { sessionStorage.setItem(KEY, JSON.stringify(slugs)); } catch { /* it is not kept */ } };

  if (comparing) save(comparing.dataset.comparing.split(" ").filter(Boolean));

  if (!tray) return;
  const { most, add, added, full, texts } = tray.dataset;
  const count = tray.querySelector(".tray-count"), go = tray.querySelector("a"), path = go.getAttribute("href");

  const show = (message) => {
    const slugs = load();
    tray.hidden = slugs.length === 0;
    count.textContent = message || (slugs.length ? texts.split("|")[slugs.length - 1] : "");
    go.href = path + "?" + slugs.map((slug) => TYPE + "=" + encodeURIComponent(slug)).join("&");
    for (const link of document.querySelectorAll("[data-compare]")) {
      const chosen = slugs.includes(link.dataset.compare);
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", String(chosen));
      link.firstChild.textContent = chosen ? added : add;
    }
  };

  const toggle = (link) => {
    const slugs = load(), slug = link.dataset.compare;
    if (slugs.includes(slug)) save(slugs.filter((one) => one !== slug));
    else if (slugs.length >= Number(most)) return show(full);
    else save([...slugs, slug]);
    show();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-compare]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); toggle(link); }
    if (event.target.closest("[data-tray-clear]")) { save([]); show(); }
  });
  document.addEventListener("keydown", (event) => {
    const link = event.key === " " && event.target.closest("[data-compare]");
    if (link) { event.preventDefault(); toggle(link); }
  });
  document.addEventListener("htmx:afterSettle", () => show());
  addEventListener("pageshow", () => show());
  show();
})();
