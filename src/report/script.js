"use strict";
// Sorts a table by the column whose heading is pressed, marks the section that is being read.
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
// A link into a folded list opens it.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const folded = target && target.closest("details");
  if (folded) folded.open = true;
};
addEventListener("hashchange", unfold);
unfold();
