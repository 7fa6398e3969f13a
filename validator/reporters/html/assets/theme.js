"use strict";
// Runs before anything is drawn, so that no page flashes in the wrong colours.
(() => {
  const root = document.documentElement;
  const choices = ["system", "light", "dark"];
  const key = "reply-validator-colours";
  const read = () => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  const write = (choice) => {
    try { localStorage.setItem(key, choice); } catch { /* a page from a file may keep nothing */ }
  };
  let choice = choices.includes(read()) ? read() : "system";
  const apply = () => {
    if (choice === "system") delete root.dataset.theme; else root.dataset.theme = choice;
  };
  root.classList.add("js");
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const say = () => { button.textContent = `Colours: ${choice}`; };
    button.addEventListener("click", () => {
      choice = choices[(choices.indexOf(choice) + 1) % choices.length];
      write(choice);
      apply();
      say();
    });
    say();
  });
})();
