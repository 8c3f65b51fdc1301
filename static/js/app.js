// What every page may need, and nothing a page cannot do without: focus on errors, job progress, bulk selection,
// a question before what cannot be undone, one submit per form. No page depends on this file to work.
"use strict";

document.documentElement.classList.add("js");

// ── errors take the focus; a link of the summary that names a group goes to its first control ──────────────────
function focusErrors() {
  const summary = document.querySelector("[data-focus]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    const fold = target.closest("details");
    if (fold) fold.open = true;
    const control = target.matches("fieldset, div") ? target.querySelector("input, select, textarea") : target;
    if (!control) return;
    event.preventDefault();
    control.dispatchEvent(new CustomEvent("reveal", { bubbles: true }));
    control.focus();
  });
}

// ── job progress: the fragment is fetched again until it no longer asks to be ──────────────────────────────────
const POLL_MS = 2000;
const POLL_MAX_MS = 30000;

function poll(element, wait = POLL_MS) {
  const again = (next) => setTimeout(() => poll(element, next), next);
  setTimeout(async () => {
    if (!element.isConnected) return;
    if (document.hidden) return again(POLL_MS);
    let answer;
    try {
      answer = await fetch(element.dataset.poll, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
    } catch {
      return again(Math.min(wait * 2, POLL_MAX_MS)); // no signal: ask less often, keep what is shown
    }
    if (answer.redirected) return location.reload(); // logged out meanwhile: fetch followed to the log-in page
    if (answer.status === 404) return; // gone or no longer ours to see: keep what is shown
    if (!answer.ok) return again(Math.min(wait * 2, POLL_MAX_MS));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    if (!fresh) return;
    const focused = element.contains(document.activeElement);
    element.replaceWith(fresh);
    if (focused) fresh.querySelector("button, a")?.focus();
    if (fresh.dataset.poll) return poll(fresh);
    announce(fresh.textContent);
    if (fresh.dataset.then) location.assign(fresh.dataset.then);
  }, wait);
}

function announce(text) {
  const status = document.createElement("p");
  status.className = "sr";
  status.setAttribute("role", "status");
  document.body.append(status);
  setTimeout(() => { status.textContent = text.replace(/\s+/g, " ").trim(); }, 100);
}

// ── bulk selection: says how many, on the bar and again on the button ──────────────────────────────────────────
function bulk(form) {
  const boxes = () => [...form.querySelectorAll("input[type=checkbox][data-bulk-item]")];
  const groups = () => [...form.querySelectorAll("input[type=checkbox][data-bulk-group]")];
  const inGroup = (group) => boxes().filter((box) => group.dataset.bulkGroup === "" || box.dataset.bulkItem === group.dataset.bulkGroup);
  const paint = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const element of form.querySelectorAll("[data-bulk-text]")) {
      element.textContent = element.dataset.bulkText.replace("{n}", chosen.toLocaleString("en"));
    }
    for (const button of form.querySelectorAll("[data-bulk-button]")) button.setAttribute("aria-disabled", String(!chosen));
    for (const group of groups()) {
      const mine = inGroup(group);
      const on = mine.filter((box) => box.checked).length;
      group.checked = on > 0 && on === mine.length;
      group.indeterminate = on > 0 && on < mine.length;
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-bulk-group]")) {
      for (const box of inGroup(event.target)) box.checked = event.target.checked;
    }
    paint();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.matches("[data-bulk-button]") && !boxes().some((box) => box.checked)) event.preventDefault();
  });
  paint();
}

// ── a question first; then one submit only (the server refuses a second one too) ───────────────────────────────
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (event.defaultPrevented) return;
  if (form.dataset.sent || (question && !window.confirm(question))) {
    event.preventDefault();
    return;
  }
  if (form.method.toLowerCase() !== "post" || form.hasAttribute("data-many")) return;
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// a page brought back by the back button must be able to send again
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
});

// ── a page of paper prints itself; without a script the browser's own menu does ───────────────────────────────
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// ── filters send themselves; without a script their button does ────────────────────────────────────────────────
document.addEventListener("change", (event) => {
  if (event.target.matches("select") && event.target.form?.hasAttribute("data-autosubmit")) event.target.form.requestSubmit();
});

// ── a visit that reached the server is no longer a draft on this device ────────────────────────────────────────
for (const element of document.querySelectorAll("[data-draft-clear]")) {
  try { localStorage.removeItem(element.dataset.draftClear); } catch { /* storage is shut off: there is no draft either */ }
}

focusErrors();
document.querySelectorAll("[data-poll]").forEach((element) => poll(element));
document.querySelectorAll("form[data-bulk]").forEach(bulk);
