/** Cards and the snapshots that they were forked from, as a tree. Pure. */

import type { Lineage, LineageCard, Snapshot } from "./life";

export interface Branch {
  card: LineageCard;
  /** The snapshot of its parent that it began with; undefined where that is gone. */
  from: Snapshot | undefined;
  /** The snapshot of its own that it was last started from. */
  on: Snapshot | undefined;
  forks: Branch[];
}

/** From what its session stands on down to what is not of itself: that it began with. */
function beginning(card: LineageCard, snapshots: Lineage["snapshots"]): Snapshot | undefined {
  const find = (id: string | null): Lineage["snapshots"][number] | undefined => snapshots.find((each) => each.id === id);
  let found = find(card.stands_on);
  while (found?.card === card.id) found = find(found.parent);
  return found;
}

/** A card whose parent is not told of is a root of its own. Each card is in the tree once. */
export function family({ cards, snapshots }: Lineage): Branch[] {
  const known = new Set(cards.map((card) => card.id));
  const branch = (card: LineageCard): Branch => ({
    card,
    from: beginning(card, snapshots),
    on: snapshots.find((each) => each.id === card.stands_on && each.card === card.id),
    forks: cards.filter((each) => each.forked_from === card.id).map(branch),
  });
  return cards.filter((card) => card.forked_from === null || !known.has(card.forked_from)).map(branch);
}
