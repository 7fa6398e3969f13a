// One report: copying, lines that move together, and folds that open for paper.
document.addEventListener("DOMContentLoaded", () => {
  const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    const says = button.textContent;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      let done = await copied(source.textContent);
      if (!done) {
        // Where the clipboard is closed to us, what is to be copied is at least selected.
        getSelection().selectAllChildren(source);
        done = document.execCommand("copy");
      }
      button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
      setTimeout(() => { button.textContent = says; }, 2500);
    });
  }

  // A line and what it became: marked together, and brought to the same height.
  const twinsOf = (line) => {
    const found = line.dataset.twin ? [document.getElementById(line.dataset.twin)] : [];
    return found.filter(Boolean);
  };
  const bring = (line) => {
    for (const twin of twinsOf(line)) {
      const pane = twin.closest(".listing");
      const other = line.closest(".listing");
      if (pane === null || pane.scrollHeight <= pane.clientHeight) continue;
      const height = line.getBoundingClientRect().top - other.getBoundingClientRect().top;
      pane.scrollTop += twin.getBoundingClientRect().top - pane.getBoundingClientRect().top - height;
    }
  };
  let marked = [];
  let arrived = null;
  const mark = (line) => {
    for (const each of marked) each.classList.remove("twin");
    marked = [arrived, line].filter(Boolean).flatMap((each) => [each, ...twinsOf(each)]);
    for (const each of marked) each.classList.add("twin");
  };
  for (const pane of document.querySelectorAll(".listing")) {
    pane.addEventListener("mouseover", (event) => mark(event.target.closest(".line")));
    pane.addEventListener("mouseleave", () => mark(null));
    pane.addEventListener("focusin", (event) => mark(event.target.closest(".line")));
  }
  const arrive = () => {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    arrived = target !== null && target.classList.contains("line") ? target : null;
    mark(null);
    if (target === null) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    if (arrived === null) return;
    const pane = target.closest(".listing");
    pane.scrollTop += target.getBoundingClientRect().top - pane.getBoundingClientRect().top
      - pane.clientHeight / 3;
    bring(target);
  };
  addEventListener("hashchange", arrive);
  arrive();

  if (quiet) {
    for (const fold of document.querySelectorAll("details.animation")) fold.open = false;
  }
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open]):not(.noise)")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
  });
});
