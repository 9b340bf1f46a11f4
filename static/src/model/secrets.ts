/** A secret as people see it: its name, never its value. */
export interface Secret {
  name: string;
  origin: "board" | "card";
  set_by: string;
  set_at: string;
  /** Of one that was just set: whether it is long enough to be taken out of recordings. */
  masked: boolean;
}

/** Whose secrets: a board's, or one card's. */
export interface SecretPlace {
  kind: "board" | "card";
  id: string;
}

/** What a name may be: it becomes a variable's. */
export const NAME_PATTERN = "[A-Za-z_][A-Za-z0-9_]{0,63}";
