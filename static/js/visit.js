// The visit form as a stepper: one question at a time, a draft on this device, a look over everything before sending.
// Without this file the form is one long page with every fieldset shown and the submit button at its end.
//
// <form data-stepper data-draft="draft:<person>:<case>" data-says='{"step","of","saved","restored","shut","change","none"}'>
//   <div class="steps" data-steps hidden>…<b data-step-now></b> <span data-saved></span> <progress data-progress></progress></div>
//   <section data-step data-title="…" [data-when="finding=found|traced"]>…</section> …
//   … inside a section: <div data-part data-when="outcome=1|2" [data-needed]>: a question only some answers raise
//   <section data-step data-review data-title="…" hidden><dl class="facts" data-answers></dl></section>
//   <div class="dock"><button type=button data-back hidden> <button type=button data-next hidden> <button data-send></div>
"use strict";

const DRAFT_DAYS = 30;
// thirteen digits, spaced or dashed, Arabic or Thai: a national ID never rests on a phone
const NATIONAL_ID = /[0-9๐-๙](?:[\s-]?[0-9๐-๙]){12}/g;

function stepper(form) {
  const says = JSON.parse(form.dataset.says);
  const steps = [...form.querySelectorAll("[data-step]")];
  const bar = form.querySelector("[data-steps]");
  const buttons = Object.fromEntries(["back", "next", "send"].map((name) => [name, form.querySelector(`[data-${name}]`)]));
  let current = steps[0];

  // ── which steps this visit needs ────────────────────────────────────────────────────────────────────────────
  function answer(name) {
    return new FormData(form).getAll(name).map(String);
  }
  function needed(step) {
    return (step.dataset.when || "").split(";").filter(Boolean).every((rule) => {
      const [name, wanted] = rule.split("=");
      const given = answer(name);
      return wanted.split("|").some((value) => given.includes(value));
    });
  }
  // a question that is not asked is not sent either: its controls are off, in order, since rules look back only
  const path = () => steps.filter((step) => {
    const asked = needed(step);
    for (const control of step.querySelectorAll("input, select, textarea")) control.disabled = !asked;
    for (const part of asked ? step.querySelectorAll("[data-part]") : []) {
      part.hidden = !needed(part);
      for (const control of part.querySelectorAll("input, select, textarea")) {
        control.disabled = part.hidden;
        control.required = "needed" in part.dataset;
      }
    }
    return asked;
  });

  function show(step, { focus = true, remember = true } = {}) {
    const way = path();
    if (!way.includes(step)) step = way[way.length - 1];
    current = step;
    for (const each of steps) each.hidden = each !== step;
    const at = way.indexOf(step);
    const last = at === way.length - 1;
    form.querySelector("[data-step-now]").textContent = says.step.replace("{n}", at + 1).replace("{of}", way.length);
    const progress = form.querySelector("[data-progress]");
    progress.max = way.length;
    progress.value = at + 1;
    buttons.back.hidden = at === 0;
    buttons.next.hidden = last;
    buttons.send.hidden = !last;
    if (step.hasAttribute("data-review")) review(step);
    if (remember) history.pushState({ step: steps.indexOf(step) }, "");
    if (focus) {
      const heading = step.querySelector("legend, h2") || step;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }

  function move(by) {
    if (by > 0 && !valid(current)) return;
    const way = path();
    const next = way[way.indexOf(current) + by];
    if (next) show(next);
  }
  // a day still to come is said where it was typed, not eight questions later; other ways to write a date are the server's
  function late(control) {
    const [, day, month, year] = control.value.match(/^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$/) || [];
    if (!year) return false;
    const written = [year > 2400 ? year - 543 : year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
    const today = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10); // in Bangkok: a page may outlive midnight
    return written > control.dataset.last && written > today;
  }
  function valid(step) {
    for (const control of step.querySelectorAll("[data-last]")) {
      control.setCustomValidity(late(control) ? control.dataset.tooLate : "");
    }
    return [...step.querySelectorAll("input, select, textarea")].every((control) => control.reportValidity());
  }

  // ── what was answered, in words, each with the way back to its question ─────────────────────────────────────
  function worded(control) {
    if (control.type === "file") return [...control.files].map((file) => file.name).join(", ");
    if (control.matches("select")) return control.value ? control.selectedOptions[0].text : "";
    if (control.matches("[type=radio], [type=checkbox]")) {
      const label = control.closest("label");
      return control.checked && label ? (label.querySelector("b") || label).textContent.trim() : "";
    }
    return control.value.trim();
  }
  function titled(control) {
    const group = control.closest("fieldset");
    if (control.matches("[type=radio], [type=checkbox]") && group) return group.querySelector("legend");
    return control.labels?.[0];
  }
  function review(step) {
    const rows = new Map();
    for (const each of path()) {
      for (const control of each.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        const text = worded(control);
        const title = titled(control)?.firstChild?.textContent.trim();
        if (!text || !title || control.closest("[hidden]:not([data-step])")) continue;
        const row = rows.get(title) || { step: each, texts: [] };
        row.texts.push(text);
        rows.set(title, row);
      }
    }
    step.querySelector("[data-answers]").replaceChildren(...[...rows].flatMap(([title, row]) => {
      const term = document.createElement("dt");
      term.textContent = title;
      const said = document.createElement("dd");
      said.textContent = `${row.texts.join(", ")} `;
      const change = document.createElement("button");
      change.type = "button";
      change.className = "link";
      change.textContent = says.change;
      change.setAttribute("aria-label", `${says.change} ${title}`);
      change.addEventListener("click", () => show(row.step));
      said.append(change);
      return [term, said];
    }));
  }

  // ── the draft: what was typed survives a reload, a dead battery, an expired session ─────────────────────────
  const keyName = form.dataset.draft;
  const kept = (control) => control.name && !["csrfmiddlewaretoken", "next"].includes(control.name)
    && !["file", "password", "submit", "button"].includes(control.type) && !control.hasAttribute("data-private");
  function save() {
    const values = {};
    for (const control of form.elements) {
      if (!kept(control)) continue;
      if (control.matches("[type=radio], [type=checkbox]") && !control.checked) continue;
      (values[control.name] ||= []).push(control.value.replace(NATIONAL_ID, ""));
    }
    const note = form.querySelector("[data-saved]");
    const now = new Date();
    try {
      localStorage.setItem(keyName, JSON.stringify({ at: now.getTime(), values }));
      const clock = `${String(now.getHours()).padStart(2, "0")}.${String(now.getMinutes()).padStart(2, "0")}`;
      note.textContent = says.saved.replace("{time}", clock);
    } catch {
      note.textContent = says.shut; // storage is full or shut off: say so rather than pretend
    }
  }
  function restore() {
    let draft = null;
    try { draft = JSON.parse(localStorage.getItem(keyName) || "null"); } catch { return false; }
    if (!draft || Date.now() - draft.at > DRAFT_DAYS * 86400000) return false;
    for (const control of form.elements) {
      const values = kept(control) && draft.values[control.name];
      if (control.matches("[type=radio], [type=checkbox]")) {
        if (kept(control)) control.checked = Boolean(values && values.includes(control.value));
      } else if (values) {
        control.value = values[0];
      }
    }
    form.querySelector("[data-saved]").textContent = says.restored;
    return true;
  }

  // ── the place, if the visitor gives it ──────────────────────────────────────────────────────────────────────
  function locate(button) {
    const tell = form.querySelector("[data-locate-says]");
    if (!navigator.geolocation) { tell.textContent = button.dataset.refused; return; }
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition((place) => {
      form.elements.latitude.value = place.coords.latitude.toFixed(6);
      form.elements.longitude.value = place.coords.longitude.toFixed(6);
      tell.textContent = button.dataset.found.replace("{m}", Math.round(place.coords.accuracy));
      button.removeAttribute("aria-busy");
      save();
    }, () => {
      tell.textContent = button.dataset.refused;
      button.removeAttribute("aria-busy");
    }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
  }

  // ── start ───────────────────────────────────────────────────────────────────────────────────────────────────
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(save, 300); };
  form.addEventListener("input", later);
  form.addEventListener("change", () => { save(); show(current, { focus: false, remember: false }); });
  window.addEventListener("pagehide", () => { if (timer && !form.dataset.sent) save(); });
  buttons.back.addEventListener("click", () => move(-1));
  buttons.next.addEventListener("click", () => move(1));
  const button = form.querySelector("[data-locate]");
  if (button) { button.hidden = false; button.addEventListener("click", () => locate(button)); }
  form.addEventListener("reveal", (event) => { show(event.target.closest("[data-step]"), { focus: false }); });
  form.addEventListener("submit", (event) => {
    if (current === path().at(-1)) return;
    event.preventDefault(); // Enter in a text field means "next", not "send"
    event.stopPropagation();
    move(1);
  });
  form.addEventListener("invalid", (event) => {
    const step = event.target.closest("[data-step]");
    if (step && step !== current) show(step, { focus: false });
  }, true);
  window.addEventListener("popstate", (event) => {
    if (event.state && "step" in event.state) show(steps[event.state.step], { remember: false });
  });
  bar.hidden = false;
  if (!form.hasAttribute("data-bound")) restore(); // a form the server sent back already holds what was typed
  history.replaceState({ step: 0 }, "");
  const wrong = form.querySelector("[data-step] [aria-invalid=true], [data-step] .err")?.closest("[data-step]");
  show(wrong || steps[0], { focus: false, remember: false });
}

document.querySelectorAll("form[data-stepper]").forEach(stepper);
