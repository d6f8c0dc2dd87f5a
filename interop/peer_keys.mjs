// The side of jose with public keys: answers each JSON line of the input with one.

import "./node18.mjs";
import { createInterface } from "node:readline";
import * as jose from "jose";

const read = ({ alg, pem, jwk }) => {
  if (jwk) return jose.importJWK(JSON.parse(jwk), alg);
  return pem.includes("PRIVATE") ? jose.importPKCS8(pem, alg) : jose.importSPKI(pem, alg);
};

const operations = {
  async generate({ alg }) {
    const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
    return {
      pem: await jose.exportPKCS8(privateKey),
      public_pem: await jose.exportSPKI(publicKey),
      jwk: JSON.stringify(await jose.exportJWK(privateKey)),
      public_jwk: JSON.stringify(await jose.exportJWK(publicKey)),
    };
  },

  async sign({ claims, ...key }) {
    const signer = new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg });
    return { token: await signer.sign(await read(key)) };
  },

  async verify({ token, jwks, ...key }) {
    const keys = jwks ? jose.createLocalJWKSet(JSON.parse(jwks)) : await read(key);
    try {
      const { payload } = await jose.jwtVerify(token, keys, { algorithms: [key.alg] });
      return { claims: payload };
    } catch (error) {
      if (error.code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") return { refused: true };
      throw error;
    }
  },

  thumbprint: async ({ jwk }) => ({
    thumbprint: await jose.calculateJwkThumbprint(JSON.parse(jwk)),
  }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await operations[op](request))}\n`);
}
