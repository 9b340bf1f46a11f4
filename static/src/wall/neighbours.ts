/** Which tile lies beside another, by where they are drawn. */

export type Arrow = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

const DIRECTIONS: Record<Arrow, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const ASIDE = 3; // going sideways of the wanted direction costs so much more

function centre(tile: HTMLElement): [number, number] {
  const { left, top, width, height } = tile.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

/** The nearest tile in a direction; the first one when none is given. */
export function beside(tiles: HTMLElement[], from: HTMLElement | null, arrow: Arrow): HTMLElement | null {
  if (!from) return tiles[0] ?? null;
  const [dx, dy] = DIRECTIONS[arrow];
  const [x, y] = centre(from);
  let best: HTMLElement | null = null;
  let least = Infinity;
  for (const tile of tiles) {
    const [tx, ty] = centre(tile);
    const ahead = (tx - x) * dx + (ty - y) * dy;
    const distance = ahead + ASIDE * (Math.abs((tx - x) * dy) + Math.abs((ty - y) * dx));
    if (tile !== from && ahead > 1 && distance < least) [best, least] = [tile, distance];
  }
  return best;
}
