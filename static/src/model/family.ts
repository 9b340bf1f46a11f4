/** Cards and the snapshots that they were forked from, as a tree. Pure. */

import type { Lineage, LineageCard, Snapshot } from "./life";

export interface Branch {
  card: LineageCard;
  /** The snapshot of its parent that it began with; undefined where that is gone. */
  from: Snapshot | undefined;
  forks: Branch[];
}

/** A card whose parent is not told of is a root of its own. Each card is in the tree once. */
export function family({ cards, snapshots }: Lineage): Branch[] {
  const known = new Set(cards.map((card) => card.id));
  const branch = (card: LineageCard): Branch => ({
    card,
    from: snapshots.find((each) => each.id === card.snapshot),
    forks: cards.filter((each) => each.parent === card.id).map(branch),
  });
  return cards.filter((card) => card.parent === null || !known.has(card.parent)).map(branch);
}
