// Debian 12 has Node 18, which lacks two globals that jose and oidc-provider use.

import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
