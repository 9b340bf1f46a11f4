/** Setting or changing one's password. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Me } from "../model/people";
import { api } from "../net/api";
import { field } from "../ui/dialog";
import { toast } from "../ui/toast";
import { formDialog } from "./form-dialog";

function fields(me: Me): TemplateResult {
  const input = (name: string, autocomplete: "current-password" | "new-password", focus: boolean): TemplateResult =>
    html`<input name=${name} type="password" required maxlength="200" autocomplete=${autocomplete} ?autofocus=${focus} />`;
  return html`<p class="dialog-body">You log in as <strong>${me.username}</strong>.</p>
    <input type="text" name="username" autocomplete="username" .value=${me.username} hidden />
    ${me.has_password ? field("Present password", input("current", "current-password", true)) : nothing}
    ${field("New password", input("fresh", "new-password", !me.has_password), "At least 10 characters. Every other browser is logged out.")}`;
}

export async function passwordDialog(): Promise<void> {
  let me: Me;
  try {
    me = await api.me();
  } catch (error) {
    toast({ tone: "error", title: "Couldn’t ask for the password.", detail: error instanceof Error ? error.message : String(error) });
    return;
  }
  const saved = await formDialog({
    title: me.has_password ? "Change your password" : "Set a password",
    action: me.has_password ? "Change password" : "Set password",
    fields: () => fields(me),
    save: (given) => api.changePassword(String(given.get("current") ?? ""), String(given.get("fresh") ?? "")),
  });
  if (saved) toast({ tone: "info", title: "Your password is set.", detail: "Every other browser was logged out." });
}
