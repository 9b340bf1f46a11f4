/** A card's details, whose code comes when it is first wanted. */

import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { later } from "../ui/later";
import { toast } from "../ui/toast";
import type { SheetOptions } from "./sheet";

export const SHEET_HASH = "#details=";

const load = (): Promise<typeof import("./sheet")> => later(() => import("./sheet"));

/** Before somebody asks. */
export const preloadSheet = (): void => void load().catch(() => undefined);

export function cardSheet(store: Store, card: Card, options: SheetOptions = {}): void {
  const opener = document.activeElement;
  const show = ({ showSheet }: typeof import("./sheet")): void => showSheet(store, store.card(card.id) ?? card, opener, options.focus);
  const failed = (): void => toast({ tone: "error", title: "The details couldn’t be loaded.", detail: "Try again when the connection is back." });
  void load().then(show, failed);
}

/** The sheet that the page's address names. */
export function sheetOfAddress(store: Store): void {
  const card = location.hash.startsWith(SHEET_HASH) ? store.card(location.hash.slice(SHEET_HASH.length)) : undefined;
  if (card) cardSheet(store, card);
}
