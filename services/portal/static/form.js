// The questionnaire's form: saves on the way, keeps on this device what is not saved yet, and arranges lists in place.
// Without it every button is a plain submit.
(() => {
  "use strict";
  const form = document.getElementById("answers"), status = document.getElementById("status");
  if (!form || !status) return;
  const words = document.getElementById("words").dataset, page = document.documentElement;
  const SOON = 600, LATER = 4000, PATIENCE = 20000, LONGEST_WAIT = 60, JUST_NOW = 30000;
  const key = ["praxis:answers", form.dataset.account, form.getAttribute("action")].join(" ");
  const older = `${key} older`;
  let changes = 0, saved = 0, saving = false, leaving = false, queued = null, wait = 0, timer, keeper;

  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const clock = (moment) => new Date(moment).toLocaleTimeString(page.lang, { hour: "2-digit", minute: "2-digit" });
  const dirty = () => changes > saved;
  const fields = () => [...new FormData(form)].filter(([name]) => name !== "version" && name !== "account");

  function show(state, text) {
    status.dataset.state = state;
    if (text !== undefined) status.replaceChildren(Object.assign(document.createElement("p"), { textContent: text }));
  }

  // What is typed is kept on this device until it is saved.
  const stored = (name) => { try { return JSON.parse(localStorage.getItem(name)); } catch { return null; } };
  const store = (name, value) => { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* no room, or not allowed */ } };
  const forget = (name) => { try { localStorage.removeItem(name); } catch { /* not allowed */ } };
  function keep(more = {}) {
    clearTimeout(keeper);
    if (dirty()) store(key, { at: Date.now(), version: form.elements.version.value, fields: fields(), ...more });
  }

  function changed(soon) {
    changes += 1;
    if (status.dataset.state === "saved" || !status.dataset.state) show("changed", words.changed);
    clearTimeout(keeper);
    keeper = setTimeout(keep, 200);
    if (!wait && status.dataset.state !== "overtaken") later(soon ? SOON : LATER);
  }
  function later(delay) { clearTimeout(timer); timer = setTimeout(save, delay); }

  async function save(button) {
    if (saving) { queued = button instanceof Element ? button : queued || save; return; }
    const asked = button instanceof Element ? button : null;
    if (!asked && !dirty()) return;
    saving = true;
    clearTimeout(timer);
    keep();
    const upTo = changes, body = new URLSearchParams([...new FormData(form)]);
    body.set("do", asked ? asked.value : "save");
    let answer = null, told = null;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: document.hidden && body.toString().length < 30000, signal: AbortSignal.timeout(PATIENCE) });
      const part = document.createElement("template");
      part.innerHTML = await answer.text();
      told = part.content.querySelector("[data-state]");
    } catch { answer = null; }
    saving = false;
    if (told && told.dataset.state === "saved") done(told, upTo);
    else failed(answer, told);
    if (queued) { const next = queued; queued = null; if (!wait) save(next); }
  }

  function done(told, upTo) {
    saved = upTo;
    wait = 0;
    form.elements.version.value = told.dataset.version;
    if (dirty()) { keep(); later(LATER); } else { clearTimeout(keeper); forget(key); }
    show(dirty() ? "changed" : "saved", say(words.saved, { time: clock(Date.now()) }));
    document.getElementById("complete").textContent = told.querySelector("[data-complete]").textContent;
    document.querySelector("#sections progress").value = told.dataset.percent;
    for (const one of told.querySelectorAll("[data-section]")) document.querySelector(`[data-progress="${one.dataset.section}"]`)?.replaceChildren(...one.childNodes);
    for (const box of form.querySelectorAll(".faults")) { box.replaceChildren(); mark(box, false); }
    for (const one of told.querySelectorAll("[data-told]")) {
      const box = document.getElementById(`${one.dataset.told}-faults`) || document.getElementById("questions-faults");
      box.append(...one.childNodes);
      mark(box, true);
    }
    if (told.dataset.go && !dirty()) location.assign(told.dataset.go);
  }
  function mark(box, wrong) {
    const field = document.getElementById(box.id.replace(/-faults$/, ""));
    if (!field || !field.matches("input, select, textarea")) return;
    if (wrong) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  }

  function failed(answer, told) {
    keep();
    const away = !answer || answer.status >= 500 || answer.status === 429;
    const out = told && told.dataset.state === "signed-out";
    if (told && !away) {
      if (status.dataset.state !== told.dataset.state || !out) status.replaceChildren(...told.childNodes);
      show(told.dataset.state);
    } else if (!away) show("closed", `${answer.status}`);
    if (away || out) {
      wait = Math.min(LONGEST_WAIT, wait * 2 || 2);
      later(wait * 1000);
      if (away) show("offline", say(answer ? words.busy : words.offline, { seconds: wait }));
    }
  }
  const again = () => { if (wait && dirty()) { wait = 0; save(); } };
  addEventListener("online", again);
  addEventListener("focus", again);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else again(); });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted && !dirty()) location.reload(); });
  function leave() {
    if (leaving) return;
    keep();
    if (dirty() && !wait) save();
  }

  form.addEventListener("input", (event) => { if (event.target.name) changed(false); count(event.target); });
  form.addEventListener("change", (event) => { if (event.target.name) changed(true); });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.hasAttribute("data-plain")) { leaving = true; keep({ sent: true }); return; }
    event.preventDefault();
    if (button && button.dataset.do) arrange(button);
    else { wait = 0; save(button || form.querySelector(".savebar button")); }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || !dirty() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    wait = 0;
    Promise.race([save(), new Promise((resolve) => setTimeout(resolve, 3000))]).finally(() => location.assign(link.href));
  });

  // Lists.
  function arrange(button) {
    const [verb] = button.value.split(":");
    const list = button.closest(".group").querySelector("[data-list]"), item = button.closest(".item");
    if (verb === "add") add(list);
    else if (verb === "remove") {
      const near = item.nextElementSibling || item.previousElementSibling;
      item.remove();
      (near ? near.querySelector("input:not([type=hidden]), textarea, select") : list.parentElement.querySelector("[data-do=add]")).focus();
      show("changed", words.removed);
    } else {
      const other = verb === "up" ? item.previousElementSibling : item.nextElementSibling;
      if (!other) return;
      if (verb === "up") other.before(item); else other.after(item);
      button.focus();
      show("changed", say(words.moved, { place: [...list.children].indexOf(item) + 1 }));
    }
    number(list);
    if (verb !== "add") changed(true);
  }
  function add(list) {
    const most = Number(list.dataset.most);
    if (most && list.children.length >= most) { show(status.dataset.state || "saved", words.full); return; }
    let place = list.children.length;
    while (list.querySelector(`[data-item="n${place}"]`)) place += 1;
    made(list, `n${place}`).querySelector("input:not([type=hidden]), textarea, select").focus();
  }
  function made(list, token) {
    const model = list.parentElement.querySelector(":scope > template").innerHTML;
    const part = document.createElement("template");
    part.innerHTML = model.replaceAll("__", token);
    const item = part.content.querySelector(".item");
    list.append(item);
    number(list);
    return item;
  }
  function number(list) {
    [...list.children].forEach((item, place) => { for (const one of item.querySelectorAll("[data-number]")) one.textContent = place + 1; });
  }

  // What was kept here is offered back.
  function restore(kept) {
    const values = new Map();
    for (const [name, value] of kept.fields) values.set(name, [...(values.get(name) || []), value]);
    const lists = [...form.querySelectorAll("[data-list]")];
    for (const list of lists) {
      const tokens = values.get(list.dataset.list) || [];
      const items = new Map([...list.children].map((item) => [item.dataset.item, item]));
      list.replaceChildren();
      for (const token of tokens) { if (items.has(token)) list.append(items.get(token)); else made(list, token); }
      number(list);
    }
    for (const old of form.querySelectorAll("input[name^='was:']")) old.remove();
    for (const [name, [value]] of values) {
      if (name.startsWith("was:")) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    const names = new Set(lists.map((list) => list.dataset.list));
    for (const field of form.elements) {
      if (!field.name || field.type === "submit" || names.has(field.name) || /^(version|account|asked|was:)/.test(field.name)) continue;
      const found = values.get(field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(found && found.includes(field.value));
      else if (found) {
        if (field.tagName === "SELECT" && ![...field.options].some((one) => one.value === found[0])) field.add(new Option(found[0], found[0]));
        field.value = found[0];
        count(field);
      }
    }
    form.elements.version.value = kept.version;
  }
  const same = (kept) => JSON.stringify(kept.fields) === JSON.stringify(fields());
  const kept = stored(key) || stored(older), offer = document.getElementById("kept");
  if (kept && (same(kept) || (kept.sent && new URLSearchParams(location.search).has("saved")))) { forget(key); forget(older); }
  else if (kept) {
    store(older, kept);
    forget(key);
    overtook().then((reload) => { if (reload) location.reload(); else offerBack(); });
  }

  // What was being saved while the page was left may stand by now, though this page was made before it did.
  async function overtook() {
    if (Date.now() - kept.at > JUST_NOW) return false;
    await new Promise((resolve) => setTimeout(resolve, SOON));
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) })).text(), "text/html");
      const now = page.querySelector("#answers [name=version]");
      return Boolean(now) && now.value !== form.elements.version.value && !dirty();
    } catch { return false; }
  }

  function offerBack() {
    const told = offer.querySelector("[data-text]");
    told.textContent = say(told.dataset.text, { time: new Date(kept.at).toLocaleString(page.lang, { dateStyle: "medium", timeStyle: "short" }) });
    offer.hidden = false;
    offer.addEventListener("click", (event) => {
      if (event.target.closest("[data-restore]")) {
        restore(kept);
        show("changed", words.restored);
        changed(true);
        keep();
      } else if (!event.target.closest("[data-forget]")) return;
      forget(older);
      offer.hidden = true;
      form.querySelector("#questions").querySelector("input:not([type=hidden]), textarea, select").focus();
    });
  }

  // How much room is left.
  function count(field) {
    const limit = field.closest?.(".question")?.querySelector(`:scope > .hint .limit`);
    if (!limit || !field.value) return;
    const lines = Number(limit.dataset.lines), texts = [say(words.characters, { count: field.value.length, most: limit.dataset.longest })];
    if (lines > 1) texts.push(say(words.lines, { count: field.value.split("\n").length, most: lines }));
    limit.textContent = texts.join(", ");
    limit.classList.toggle("over", field.value.length > Number(limit.dataset.longest));
  }
  for (const field of form.querySelectorAll(".question > textarea, .question > input:not([type=hidden])")) count(field);
  for (const time of form.querySelectorAll("#status time")) time.textContent = new Date(time.dateTime).toLocaleString(page.lang, { dateStyle: "medium", timeStyle: "short" });
  document.querySelector("[data-focus]")?.focus();
})();
