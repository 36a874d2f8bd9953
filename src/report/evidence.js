// A pressed number tells what it rests on: records, sources, how much of it is assumed, doubtful or old.
const told = JSON.parse(document.getElementById("evidence-data").textContent || "{}");
const card = document.getElementById("evidence");
const add = (parent, name, text, kind) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return parent.appendChild(made);
};
const tell = (cell) => {
  const row = cell.closest("tr");
  const rests = told.rows[cell.closest("[data-e]").dataset.e];
  const table = cell.closest("table");
  const across = table.classList.contains("single") || table.classList.contains("turned");
  const head = table.tHead?.rows[0].cells[cell.cellIndex];
  const column = across ? row.cells[0] : head;
  card.replaceChildren();
  const of = table.classList.contains("single") ? "" : `${(across ? head : row.cells[0]).textContent}: `;
  add(card, "h4", `${of}${column.textContent} ${cell.textContent}`);
  const lines = add(card, "ul");
  for (const line of rests.lines) add(lines, "li", line);
  const list = add(card, "ol");
  for (const [at, how] of rests.records) {
    const record = told.records[at];
    const item = add(list, "li", record.says);
    item.title = `${record.key} (${record.place})`;
    const more = [how, record.basis, record.when, record.assumed && `assumed: ${record.assumed}`];
    const small = add(item, "small", more.filter(Boolean).join(" · "));
    for (const number of record.sources) {
      small.append(" ");
      const link = add(small, "a", `[${number}]`);
      link.href = `#source-${number}`;
      link.title = document.querySelector(`#source-${number} .title`)?.textContent ?? "";
    }
  }
  if (rests.more) add(card, "p", `${rests.more} more: see Evidence under the section.`);
  card.showPopover();
  const box = cell.getBoundingClientRect();
  const below = innerHeight - box.bottom > box.top;
  card.style.maxHeight = `${Math.min(0.6 * innerHeight, (below ? innerHeight - box.bottom : box.top) - 16)}px`;
  const own = card.getBoundingClientRect();
  card.style.top = `${below ? box.bottom + 4 : box.top - own.height - 4}px`;
  card.style.left = `${Math.max(8, Math.min(box.left, innerWidth - own.width - 8))}px`;
};
if (card.showPopover && told.rows) {
  for (const cell of document.querySelectorAll("tr[data-e] td:not(.about), td[data-e]")) {
    if (!/\d/.test(cell.textContent)) continue;
    cell.tabIndex = 0;
    cell.classList.add("rests");
    cell.addEventListener("click", () => tell(cell));
    cell.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      tell(cell);
    });
  }
  card.addEventListener("click", (event) => {
    if (event.target.closest("a")) card.hidePopover();
  });
}
