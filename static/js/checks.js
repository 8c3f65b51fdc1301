// ตรวจสอบบัญชี by keyboard: j/k or the arrows move from row to row, x chooses, a chooses all, a number answers.
// The page works without this file: every key presses a button or follows a link that stands on the page.
"use strict";

function checks(form) {
  const rows = [...form.querySelectorAll("[data-check-row]")];
  const box = (row) => row.querySelector("[data-bulk-item]");
  const chosen = () => rows.filter((row) => box(row).checked);
  const here = () => rows.indexOf(document.activeElement.closest?.("[data-check-row]"));
  const changed = () => form.dispatchEvent(new Event("change", { bubbles: true }));

  const go = (at) => {
    const row = rows[Math.max(0, Math.min(at, rows.length - 1))];
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const choose = (which, on) => {
    for (const row of which) box(row).checked = on;
    changed();
  };

  // one row, an answer that needs no evidence: sent in the background, and on to the next
  async function quickly(button, row) {
    const said = new FormData();
    said.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    said.append("line", row.dataset.checkRow);
    said.append("answer", button.value);
    let told = { done: 0, message: form.dataset.lost };
    try {
      const answer = await fetch(form.action, { method: "POST", body: said, headers: { Accept: "application/json" } });
      if (answer.redirected) return location.reload(); // logged out meanwhile
      told = await answer.json();
    } catch { /* no signal: say so in the row; nothing was lost but this one key */ }
    paint(row, button, told);
  }

  function paint(row, button, told) {
    const place = row.querySelector("[data-check-answer]");
    const chip = document.createElement("span");
    const before = place.textContent.trim() && !row.hasAttribute("data-check-failed");
    chip.className = told.done ? "chip" : "chip chip-bad";
    chip.setAttribute("role", "status");
    const icon = button.querySelector("svg").cloneNode(true);
    if (!told.done) icon.querySelector("use").setAttribute("href", icon.querySelector("use").getAttribute("href").replace(/#.*/, "#i-alert"));
    chip.append(icon, told.done ? told.label : told.message);
    place.replaceChildren(chip);
    row.toggleAttribute("data-check-failed", !told.done);
    if (!told.done) return;
    move(row, button.value);
    if (!before) count();
  }

  // the row's answer leaves one tab and joins another
  function move(row, answer) {
    for (const [said, by] of [[row.dataset.checkSaid, -1], [answer, 1]]) {
      const tab = document.querySelector(`[data-check-tab="${said}"]`);
      if (tab) tab.textContent = (Number(tab.textContent.replaceAll(",", "")) + by).toLocaleString("en");
    }
    row.dataset.checkSaid = answer;
  }

  function count() {
    for (const bar of document.querySelectorAll("[data-check-bar]")) {
      bar.value += 1;
      const words = bar.parentElement.querySelector("[data-check-words]");
      words.textContent = words.dataset.checkWords.replace("{n}", bar.value.toLocaleString("en")).replace("{all}", bar.max.toLocaleString("en"));
      const left = bar.max - bar.value;
      if (!left) return location.reload(); // all answered: the page now offers the signature
      const chip = bar.closest(".panel")?.querySelector("[data-check-left] .chip");
      if (chip) chip.lastChild.textContent = chip.parentElement.dataset.checkLeft.replace("{n}", left.toLocaleString("en"));
    }
  }

  function answer(key) {
    const row = rows[here()];
    const link = row?.querySelector(`a[data-check-key="${key}"]`);
    if (link) return link.click();
    const button = form.querySelector(`button[data-check-key="${key}"]`);
    if (!button || (!row && !chosen().length)) return;
    if (!chosen().length && button.hasAttribute("data-check-quick")) {
      go(here() + 1);
      return quickly(button, row);
    }
    if (!chosen().length) choose([row], true);
    form.requestSubmit(button);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const key = event.code.startsWith("Digit") ? event.code.slice(5) : event.code.startsWith("Numpad") ? event.code.slice(6) : "";
    switch (event.code) { // by place, not by letter: the Thai layout has other letters there
      case "KeyJ": case "ArrowDown": go(here() + 1); break;
      case "KeyK": case "ArrowUp": go(here() < 0 ? 0 : here() - 1); break;
      case "KeyX": if (here() >= 0) choose([rows[here()]], !box(rows[here()]).checked); break;
      case "KeyA": choose(rows, chosen().length < rows.length); break;
      default:
        if (!/^[1-9]$/.test(key)) return;
        answer(key);
    }
    event.preventDefault();
  });

  document.querySelector("[data-check-keys]")?.removeAttribute("hidden");
  const named = document.getElementById(location.hash.slice(1));
  if (named && rows.includes(named)) named.focus();
}

document.querySelectorAll("form[data-checks]").forEach(checks);
