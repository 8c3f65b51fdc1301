"""The pages of a case. Each view: fetch in scope, capability, form, one domain call, render."""
