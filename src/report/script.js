"use strict";
// Sorts a table by the column whose heading is pressed, marks the section that is being read, shows a pressed figure
// at full size, tells what a pressed number rests on.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const table = head.closest("table");
    const body = table.tBodies[0];
    const column = [...head.parentNode.children].indexOf(head);
    const numbers = head.classList.contains("n");
    const now = head.getAttribute("aria-sort");
    const down = now ? now === "ascending" : numbers;
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.children[column].dataset.s ?? "";
    const rows = [...body.rows].map((row, at) => [key(row), at, row]);
    rows.sort((a, b) => {
      if ((a[0] === "") !== (b[0] === "")) return a[0] === "" ? 1 : -1; // what is empty stays last
      const order = numbers ? a[0] - b[0] : a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
      return (down ? -order : order) || a[1] - b[1];
    });
    for (const [, , row] of rows) body.append(row);
  });
}
if ("IntersectionObserver" in window) {
  const links = new Map();
  for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(entry.target.id);
      if (link) {
        link.setAttribute("aria-current", "true");
        const bar = link.closest("nav");
        const [top, low] = [link.offsetTop - 40, link.offsetTop + 60 - bar.clientHeight];
        if (bar.scrollTop > top) bar.scrollTop = top;
        else if (bar.scrollTop < low) bar.scrollTop = low;
      }
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const section of document.querySelectorAll("main section")) seen.observe(section);
}
for (const drawing of document.querySelectorAll(".drawing")) {
  drawing.addEventListener("click", () => drawing.classList.toggle("full"));
}
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
  const rests = told.rows[row.dataset.e];
  const single = cell.closest("table.single");
  const heads = cell.closest("table").tHead;
  const column = single ? row.cells[0] : heads.rows[0].cells[cell.cellIndex];
  card.replaceChildren();
  const of = single ? "" : `${row.cells[0].textContent}: `;
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
  for (const cell of document.querySelectorAll("tr[data-e] td:not(.about)")) {
    if (!/\d/.test(cell.textContent)) continue;
    cell.tabIndex = 0;
    cell.classList.add("rests");
    cell.addEventListener("click", () => tell(cell));
    cell.addEventListener("keydown", (event) => {
      if (event.key === "Enter") tell(cell);
    });
  }
  card.addEventListener("click", (event) => {
    if (event.target.closest("a")) card.hidePopover();
  });
}
// A link into a folded list opens it.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded) folded.open = true;
};
addEventListener("hashchange", unfold);
unfold();
