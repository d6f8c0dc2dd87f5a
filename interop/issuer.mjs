// A real issuer: oidc-provider on this machine, told what to do by JSON lines. It issues access
// tokens as JWTs (RFC 9068) to a client with a secret, ID tokens to clients that log a user in, and
// logout tokens.

import "./node18.mjs";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import * as jose from "jose";

// Its notices are no answers.
console.info = () => {};
console.warn = console.info;
const { default: Provider } = await import("oidc-provider");

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
const client = { client_id: "shop", client_secret: "a secret of the shop's, for these tests only" };
const redirect_uri = "https://shop.example/callback";

const makeKeys = (generation) =>
  Promise.all(
    algorithms.map(async (alg) => {
      const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      return { ...(await jose.exportJWK(privateKey)), alg, use: "sig", kid: `${alg}-${generation}` };
    }),
  );

let provider;
let logoutToken;

async function handle(request, response) {
  if (request.url.startsWith("/interaction/")) {
    await agree(request, response);
  } else {
    provider.callback()(request, response);
  }
}

// Whoever comes is logged in and agrees.
async function agree(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: "ada", clientId: params.client_id });
  grant.addOIDCScope("openid");
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId: "ada" }, consent });
}

const server = createServer(handle);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

// The first key of an algorithm is the one that signs.
function provide(keys) {
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        ...client,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: "client_secret_post",
      },
      // An algorithm of ID tokens belongs to a client.
      ...algorithms.map((alg) => ({
        ...client,
        client_id: `web-${alg}`,
        redirect_uris: [redirect_uri],
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: alg,
        backchannel_logout_uri: "https://shop.example/logout",
      })),
    ],
    // The provider fetches nothing but its clients' logout addresses.
    fetch: async (_, { body }) => {
      logoutToken = body.get("logout_token");
      return new Response();
    },
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
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
}

async function askForTokens(form) {
  const body = new URLSearchParams({ ...client, ...form });
  const answer = await (await fetch(`${issuer}/token`, { method: "POST", body })).json();
  if (!answer.access_token) throw new Error(JSON.stringify(answer));
  return answer;
}

// What the browser of the user does, until it is sent back with the code.
async function logIn(query) {
  const cookies = {};
  let location = `${issuer}/auth?${new URLSearchParams(query)}`;
  while (!location.startsWith(redirect_uri)) {
    const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(location, { headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies[name] = value;
    }
    if (!response.headers.has("location")) throw new Error(await response.text());
    location = new URL(response.headers.get("location"), issuer).href;
  }
  return new URL(location).searchParams.get("code");
}

let keys = await makeKeys(1);
provide(keys);

const operations = {
  start: () => ({ issuer }),

  async token({ alg }) {
    const resource = `https://api.example/${alg}`;
    const form = { grant_type: "client_credentials", resource, scope: "read" };
    const { access_token: token } = await askForTokens(form);
    return { token };
  },

  async login({ alg }) {
    const client_id = `web-${alg}`;
    const nonce = randomUUID();
    const code = await logIn({ client_id, response_type: "code", scope: "openid", redirect_uri, nonce });
    const form = { client_id, grant_type: "authorization_code", code, redirect_uri };
    const { id_token, access_token } = await askForTokens(form);
    return { id_token, access_token, nonce };
  },

  async logout({ alg }) {
    const web = await provider.Client.find(`web-${alg}`);
    await web.backchannelLogout("ada", "session");
    return { token: logoutToken };
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
