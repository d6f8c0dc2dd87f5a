// The side of jose or jsonwebtoken, by the argument: answers each JSON line of the input with one.

import "./node18.mjs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

const secret = (key) => Buffer.from(key.k, "base64url");
const algorithms = (keys) => [...new Set(keys.map((key) => key.alg))];
const withId = (keys, kid) => keys.find((key) => key.kid === kid);

const joseSide = {
  encode: ({ key, header, claims }) =>
    new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg, ...header }).sign(secret(key)),

  async decode({ token, keys, policy }) {
    // Its own key sets are for public keys only.
    const choose = async ({ kid }) => {
      const key = withId(keys, kid);
      if (!key) throw new jose.errors.JWKSNoMatchingKey();
      return jose.importJWK(key);
    };
    const { protectedHeader, payload } = await jose.jwtVerify(
      token,
      keys.length === 1 ? secret(keys[0]) : choose,
      {
        algorithms: algorithms(keys),
        currentDate: new Date(policy.now * 1000),
        clockTolerance: policy.leeway,
        requiredClaims: policy.require,
        issuer: policy.issuers,
        audience: policy.audiences,
        subject: policy.subject,
        maxTokenAge: policy.max_age,
        typ: policy.typ,
      },
    );
    return { header: protectedHeader, claims: payload };
  },

  kindOf(error) {
    const checks = {
      nbf: "not_yet_valid",
      iat: "not_yet_valid",
      iss: "invalid_issuer",
      aud: "invalid_audience",
      sub: "invalid_subject",
      typ: "unexpected_type",
    };
    const reasons = {
      missing: () => "missing_claim",
      invalid: () => "invalid_claim_type",
      check_failed: () => checks[error.claim],
    };
    const codes = {
      ERR_JWS_SIGNATURE_VERIFICATION_FAILED: () => "invalid_signature",
      ERR_JOSE_ALG_NOT_ALLOWED: () => "algorithm_mismatch",
      ERR_JOSE_NOT_SUPPORTED: () => "unsupported_critical",
      ERR_JWS_INVALID: () => "malformed",
      ERR_JWT_INVALID: () => "malformed",
      ERR_JWKS_NO_MATCHING_KEY: () => "unknown_key",
      ERR_JWT_EXPIRED: () => (error.claim === "iat" ? "too_old" : "expired"),
      ERR_JWT_CLAIM_VALIDATION_FAILED: () => reasons[error.reason]?.(),
    };
    return codes[error.code]?.();
  },
};

const jsonwebtokenSide = {
  encode: ({ key, header, claims }) =>
    jsonwebtoken.sign(claims, secret(key), {
      algorithm: key.alg,
      header,
      // Else it adds an `iat` of its own; with it, it takes away the one that is there.
      noTimestamp: !("iat" in claims),
    }),

  decode({ token, keys, policy }) {
    const choose = ({ kid }, use) => {
      const key = keys.length === 1 ? keys[0] : withId(keys, kid);
      if (key) use(null, secret(key));
      else use(new Error("no such key"));
    };
    const options = {
      complete: true,
      algorithms: algorithms(keys),
      clockTimestamp: policy.now,
      clockTolerance: policy.leeway,
      issuer: policy.issuers,
      audience: policy.audiences,
      subject: policy.subject,
      maxAge: policy.max_age,
    };
    return new Promise((resolve, reject) => {
      jsonwebtoken.verify(token, choose, options, (error, data) => {
        if (error) reject(error);
        else resolve({ header: data.header, claims: data.payload });
      });
    });
  },

  kindOf(error) {
    // The errors of one class are told apart by their text alone.
    const starts = {
      "jwt expired": "expired",
      "maxAge exceeded": "too_old",
      "jwt not active": "not_yet_valid",
      "invalid signature": "invalid_signature",
      "jwt signature is required": "invalid_signature",
      "invalid algorithm": "algorithm_mismatch",
      "error in secret or public key callback": "unknown_key",
      "jwt audience invalid": "invalid_audience",
      "jwt issuer invalid": "invalid_issuer",
      "jwt subject invalid": "invalid_subject",
      "invalid exp value": "invalid_claim_type",
      "invalid nbf value": "invalid_claim_type",
      "iat required": "missing_claim",
      "jwt must be provided": "malformed",
      "jwt malformed": "malformed",
      "invalid token": "malformed",
    };
    if (error instanceof SyntaxError) return "malformed";
    return Object.entries(starts).find(([start]) => error.message.startsWith(start))?.[1];
  },
};

const library = process.argv[2];
const side = { jose: joseSide, jsonwebtoken: jsonwebtokenSide }[library];

async function answer({ op, ...request }) {
  switch (op) {
    case "version":
      return {
        version: createRequire(import.meta.url)(`./node_modules/${library}/package.json`).version,
        runtime: `Node ${process.versions.node}`,
      };
    case "encode":
      return { token: await side.encode(request) };
    case "decode":
      try {
        const { header, claims } = await side.decode(request);
        return {
          kind: "accepted",
          header: JSON.stringify(header),
          claims: JSON.stringify(claims),
        };
      } catch (error) {
        return { kind: side.kindOf(error) ?? "unknown", message: `${error.name}: ${error.message}` };
      }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
