// A real issuer: oidc-provider on this machine, told what to do by JSON lines. It issues access
// tokens as JWTs (RFC 9068) to a client with a secret.

import "./node18.mjs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import * as jose from "jose";

// Its notices are no answers.
console.info = () => {};
console.warn = console.info;
const { default: Provider } = await import("oidc-provider");

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
const client = { client_id: "shop", client_secret: "a secret of the shop's, for these tests only" };

const makeKeys = (generation) =>
  Promise.all(
    algorithms.map(async (alg) => {
      const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      return { ...(await jose.exportJWK(privateKey)), alg, use: "sig", kid: `${alg}-${generation}` };
    }),
  );

let handle;
const server = createServer((request, response) => handle(request, response));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

// The first key of an algorithm is the one that signs.
function provide(keys) {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        ...client,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The resource names the algorithm, so that one client can ask for each.
        getResourceServerInfo: (_, resource) => ({
          scope: "read",
          audience: "api",
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: new URL(resource).pathname.slice(1) } },
        }),
      },
    },
  });
  handle = provider.callback();
}

let keys = await makeKeys(1);
provide(keys);

const operations = {
  start: () => ({ issuer }),

  async token({ alg }) {
    const response = await fetch(`${issuer}/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        resource: `https://api.example/${alg}`,
        scope: "read",
        ...client,
      }),
    });
    const answer = await response.json();
    if (!answer.access_token) throw new Error(JSON.stringify(answer));
    return { token: answer.access_token };
  },

  // New keys sign, and the old ones are still published.
  async rotate() {
    keys = [...(await makeKeys(2)), ...keys];
    provide(keys);
    return {};
  },

  // The old ones are gone.
  drop() {
    keys = keys.filter(({ kid }) => kid.endsWith("-2"));
    provide(keys);
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await operations[op](request))}\n`);
}
server.close();
server.closeAllConnections();
