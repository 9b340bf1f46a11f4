/** Opens the dialog of access tokens, whose code comes when it is first wanted. */

import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { later } from "../ui/later";
import { toast } from "../ui/toast";

/** With a card: to make one for that card. */
export function accessTokens(store: Store, card: Card | null = null): void {
  later(() => import("./tokens-dialog")).then(
    ({ showTokens }) => showTokens(store, card),
    () => toast({ tone: "error", title: "The tokens couldn’t be loaded.", detail: "Try again when the connection is back." }),
  );
}
