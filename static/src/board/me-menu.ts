/** Oneself, in the head of every page: profile, password, logins, tokens, leaving. */

import { html, type TemplateResult } from "lit-html";
import type { Store } from "../model/store";
import { logOut } from "../net/api";
import { avatar } from "../ui/avatar";
import { menuButton } from "../ui/menu";
import { accessTokens } from "./access-tokens";
import { showLogins } from "./logins-dialog";
import { passwordDialog } from "./password-dialog";
import { profileDialog } from "./profile-dialog";

export function meMenu(store: Store): TemplateResult {
  const sign = html`<span data-testid="me">${avatar(store.me, { title: "" })}</span>`;
  return menuButton("me-menu", `You: ${store.me.name}, ${store.me.initials}`, sign, [
    [
      { words: "Profile…", icon: "person", action: () => void profileDialog(store) },
      { words: "Password…", icon: "key", action: () => void passwordDialog() },
      { words: "Logins…", icon: "screen", action: () => showLogins() },
      { words: "Access tokens…", icon: "key", action: () => accessTokens(store) },
    ],
    [{ words: "Log out", icon: "leave", action: () => void logOut() }],
  ]);
}
