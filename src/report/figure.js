// Figures: zoom and drag within the frame, whole size on demand, and the ties of what the pointer is on.
for (const drawing of document.querySelectorAll(".drawing")) {
  const svg = drawing.querySelector("svg");
  if (!svg) continue;
  const whole = svg.getAttribute("viewBox");
  const [width, height] = whole.split(" ").slice(2).map(Number);
  let view = { x: 0, y: 0, k: 1 };
  const show = () => {
    const [w, h] = [width / view.k, height / view.k];
    view.x = Math.min(Math.max(view.x, 0), width - w);
    view.y = Math.min(Math.max(view.y, 0), height - h);
    svg.setAttribute("viewBox", view.k === 1 ? whole : `${view.x} ${view.y} ${w} ${h}`);
    drawing.classList.toggle("zoomed", view.k > 1);
  };
  // The point of the figure under the pointer stays where it is.
  const zoom = (factor, at) => {
    const k = Math.min(Math.max(view.k * factor, 1), 8);
    const [fx, fy] = at ?? [0.5, 0.5];
    view.x += fx * (width / view.k - width / k);
    view.y += fy * (height / view.k - height / k);
    view.k = k;
    show();
  };
  const reset = () => {
    view = { x: 0, y: 0, k: 1 };
    show();
  };
  const bar = document.createElement("div");
  bar.className = "tools";
  const actions = [
    ["+", "Larger", () => zoom(1.4)],
    ["−", "Smaller", () => zoom(1 / 1.4)],
    ["0", "Whole figure", reset],
    ["⤢", "At full size", () => drawing.classList.toggle("full")],
  ];
  for (const [sign, name, act] of actions) {
    const button = document.createElement("button");
    [button.type, button.textContent, button.title] = ["button", sign, name];
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    bar.append(button);
  }
  drawing.prepend(bar);
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  // The wheel scrolls the page, unless a key says that the figure is meant.
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 300), place(event));
  }, { passive: false });
  svg.addEventListener("dblclick", (event) => zoom(event.shiftKey ? 1 / 1.6 : 1.6, place(event)));
  let held = null;
  svg.addEventListener("pointerdown", (event) => {
    if (view.k === 1 || event.button !== 0) return;
    held = { at: place(event), x: view.x, y: view.y };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [fx, fy] = place(event);
    view.x = held.x - ((fx - held.at[0]) * width) / view.k;
    view.y = held.y - ((fy - held.at[1]) * height) / view.k;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { held = null; });
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", (event) => {
    const step = 0.1 / view.k;
    const act = {
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": reset,
      ArrowLeft: () => { view.x -= width * step; show(); }, ArrowRight: () => { view.x += width * step; show(); },
      ArrowUp: () => { view.y -= height * step; show(); }, ArrowDown: () => { view.y += height * step; show(); },
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || (view.k === 1 && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  });
  addEventListener("beforeprint", reset);
  // A thing with its ties; all else steps back.
  const edges = [...svg.querySelectorAll("[data-from]")];
  const nodes = new Map([...svg.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, node]));
  const light = (ends, own) => {
    svg.classList.add("lit");
    for (const end of ends) nodes.get(end)?.classList.add("on");
    for (const edge of own) edge.classList.add("on");
  };
  const dark = () => {
    svg.classList.remove("lit");
    for (const on of svg.querySelectorAll(".on")) on.classList.remove("on");
  };
  for (const [name, node] of nodes) {
    node.addEventListener("pointerenter", () => {
      const own = edges.filter((edge) => edge.dataset.from === name || edge.dataset.to === name);
      light([name, ...own.flatMap((edge) => [edge.dataset.from, edge.dataset.to])], own);
    });
    node.addEventListener("pointerleave", dark);
  }
  for (const edge of edges) {
    edge.addEventListener("pointerenter", () => light([edge.dataset.from, edge.dataset.to], [edge]));
    edge.addEventListener("pointerleave", dark);
  }
}
