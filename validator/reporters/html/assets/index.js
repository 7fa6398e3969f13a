// Many reports: rows are filtered and sorted as values, and only the first of them are laid out.
document.addEventListener("DOMContentLoaded", () => {
  const PAGE = 100;
  const table = document.getElementById("rows");
  const body = table.tBodies[0];
  const shown = document.getElementById("shown");
  const more = document.getElementById("more");
  const text = document.getElementById("filter-text");
  const choices = ["verdict", "fault", "model"]
    .map((name) => [name, document.getElementById(`filter-${name}`)])
    .filter(([, select]) => select !== null);
  const rows = [...body.rows].map((row, order) => ({
    row,
    order,
    verdict: row.dataset.verdict,
    model: row.dataset.model,
    faults: row.dataset.faults ? row.dataset.faults.split("\n") : [],
    seconds: Number(row.dataset.seconds),
    name: row.cells[0].textContent,
    kind: row.dataset.kind,
    words: row.textContent.toLowerCase(),
  }));
  body.replaceChildren();
  table.classList.add("paged");

  let found = rows;
  let laid = 0;
  let sorted = { column: null, down: false };
  const weight = { failed: 0, inconclusive: 1, passed: 2 };
  const values = {
    reply: (each) => each.name,
    verdict: (each) => weight[each.verdict],
    faults: (each) => -each.faults.length,
    model: (each) => each.model,
    kind: (each) => each.kind,
    time: (each) => -each.seconds,
  };
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;

  const lay = () => {
    const next = found.slice(laid, laid + PAGE);
    body.append(...next.map((each) => each.row));
    laid += next.length;
    more.hidden = laid >= found.length;
    more.textContent = `Show ${Math.min(PAGE, found.length - laid)} more`;
  };
  const matches = (each, wanted, words) =>
    (wanted.verdict === undefined || each.verdict === wanted.verdict)
    && (wanted.model === undefined || each.model === wanted.model)
    && (wanted.fault === undefined || each.faults.includes(wanted.fault))
    && words.every((word) => each.words.includes(word));
  const order = (a, b) => {
    if (sorted.column === null) return a.order - b.order;
    const [x, y] = [values[sorted.column](a), values[sorted.column](b)];
    const way = typeof x === "number" ? x - y : compare(x, y);
    return (sorted.down ? -way : way) || a.order - b.order;
  };
  const refresh = () => {
    const wanted = {};
    for (const [name, select] of choices) {
      if (select.selectedIndex > 0) wanted[name] = select.value;
    }
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((each) => matches(each, wanted, words)).sort(order);
    laid = 0;
    body.replaceChildren();
    lay();
    const all = rows.length.toLocaleString("en");
    const some = found.length.toLocaleString("en");
    shown.textContent = found.length === rows.length ? `${all} replies` : `${some} of ${all} replies`;
    const state = new URLSearchParams(wanted);
    if (words.length) state.set("text", words.join(" "));
    // A page from a file may not rewrite its own address everywhere; the filters work all the same.
    try { history.replaceState(null, "", `#${state}`); } catch { /* as it was */ }
  };
  const choose = (name, value) => {
    const [, select] = choices.find(([each]) => each === name) ?? [];
    if (select === undefined) return;
    const at = [...select.options].findIndex((each, place) => place > 0 && each.value === value);
    select.selectedIndex = Math.max(at, 0);
  };

  for (const [, select] of choices) select.addEventListener("change", refresh);
  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 120);
  });
  more.addEventListener("click", lay);
  document.getElementById("clear").addEventListener("click", () => {
    for (const [, select] of choices) select.selectedIndex = 0;
    text.value = "";
    refresh();
  });
  for (const link of document.querySelectorAll("[data-filter]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      choose(link.dataset.filter, link.dataset.value);
      refresh();
      document.getElementById("replies").scrollIntoView();
      document.getElementById(`filter-${link.dataset.filter}`).focus({ preventScroll: true });
    });
  }
  for (const head of table.tHead.rows[0].cells) {
    const column = head.firstElementChild.dataset.sort;
    head.firstElementChild.addEventListener("click", () => {
      sorted = { column, down: sorted.column === column && !sorted.down };
      for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      refresh();
    });
  }

  const state = new URLSearchParams(location.hash.slice(1));
  for (const [name] of choices) if (state.has(name)) choose(name, state.get(name));
  text.value = state.get("text") ?? "";
  const whole = ["verdict", "faults", "models", "replies"].includes(location.hash.slice(1));
  if (whole) lay(); else refresh();

  // Paper has no buttons: what is found is printed whole.
  addEventListener("beforeprint", () => {
    while (laid < found.length) lay();
  });
});
