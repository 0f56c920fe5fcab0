// Small comforts; every page works without them.
(() => {
  "use strict";

  // Suggestions: a combobox as the ARIA practices describe it.
  for (const input of document.querySelectorAll("[data-suggest]")) {
    const form = input.form, box = form.querySelector(".suggestions"), status = form.querySelector("[role=status]");
    let active = -1, asked = 0, timer;
    const options = () => [...box.querySelectorAll("[role=option]")];
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", box.id);
    const open = (shown) => {
      box.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown));
      active = -1;
      input.removeAttribute("aria-activedescendant");
    };
    open(false);
    const choose = (place) => {
      const all = options();
      active = (place + all.length) % all.length;
      all.forEach((one, at) => one.setAttribute("aria-selected", String(at === active)));
      input.setAttribute("aria-activedescendant", all[active].id);
    };
    const ask = async () => {
      const turn = ++asked, q = input.value.trim();
      if (q.length < 2) return open(false);
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(q.slice(0, 200))}`);
        if (turn !== asked || !answer.ok) return;
        box.innerHTML = await answer.text();
        const found = options().length > 0 && document.activeElement === input;
        open(found);
        status.textContent = found ? box.querySelector("[data-count]").dataset.count : "";
      } catch { open(false); }
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
    input.addEventListener("keydown", (event) => {
      if (box.hidden) return;
      if (event.key === "ArrowDown") { choose(active + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { choose(active < 0 ? -1 : active - 1); event.preventDefault(); }
      else if (event.key === "Escape") { open(false); event.preventDefault(); }
      else if (event.key === "Enter" && active >= 0) { event.preventDefault(); location.assign(options()[active].dataset.href); }
    });
    box.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) { event.preventDefault(); location.assign(option.dataset.href); }
    });
    input.addEventListener("blur", () => setTimeout(() => open(false), 150));
  }

  // What was picked stays where it was on the screen, however much longer or shorter the results above it become.
  let picked = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = event.detail.requestConfig?.triggeringEvent?.target;
    picked = field?.id ? { id: field.id, top: field.getBoundingClientRect().top } : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const field = picked && document.getElementById(picked.id);
    if (field) scrollBy(0, field.getBoundingClientRect().top - picked.top);
    picked = null;
  });

  // A map wider than its place shows its middle first.
  for (const map of document.querySelectorAll(".map")) map.scrollLeft = (map.scrollWidth - map.clientWidth) / 2;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-print")) window.print();
    if (button.dataset.copy) {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try { await navigator.clipboard.writeText(field.value); button.textContent = "✓"; } catch { /* it is selected */ }
    }
  });
})();
