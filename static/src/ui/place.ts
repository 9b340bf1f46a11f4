/** Where something that belongs to another thing goes: below it, and within the window. */

const GAP_PX = 4;
const EDGE_PX = 8;

export interface Box {
  left: number;
  top: number;
  bottom: number;
}

export function keepWithin(element: HTMLElement, anchor: Box): void {
  const { width, height } = element.getBoundingClientRect();
  const fits = anchor.bottom + GAP_PX + height + EDGE_PX <= innerHeight;
  const above = Math.min(anchor.top - GAP_PX, innerHeight - EDGE_PX) - height;
  element.style.left = `${Math.max(EDGE_PX, Math.min(anchor.left, innerWidth - width - EDGE_PX))}px`;
  element.style.top = `${fits ? anchor.bottom + GAP_PX : Math.max(EDGE_PX, above)}px`;
}
