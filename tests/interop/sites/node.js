// The site on Node's http and https: node node.js TEXT_FILE PORT [CERTIFICATE]
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const zlib = require("node:zlib");

const [file, port, certificate] = process.argv.slice(2);
const text = fs.readFileSync(file);
const packed = zlib.gzipSync(text);
const etag = '"sieve"';

function represent(request, response) {
  const fields = { ETag: etag, Vary: "Accept-Encoding" };
  if ((request.headers["if-none-match"] || "").includes(etag)) {
    response.writeHead(304, fields).end();
    return;
  }
  const zipped = (request.headers["accept-encoding"] || "").includes("gzip");
  if (zipped) fields["Content-Encoding"] = "gzip";
  const content = zipped ? packed : text;
  fields["Content-Type"] = "text/plain";
  fields["Content-Length"] = content.length;
  response.writeHead(200, fields).end(content);
}

function pieces(response) {
  response.writeHead(200, { "Content-Type": "text/plain" });
  for (let start = 0; start < text.length; start += 8000) {
    response.write(text.subarray(start, start + 8000));
  }
  response.end();
}

function upload(request, response) {
  const hash = crypto.createHash("sha256");
  let size = 0;
  request.on("data", (piece) => {
    size += piece.length;
    hash.update(piece);
  });
  request.on("end", () => response.end(`${size} ${hash.digest("hex")}`));
}

function site(request, response) {
  if (request.url === "/text") represent(request, response);
  else if (request.url === "/pieces") pieces(response);
  else if (request.url === "/upload") upload(request, response);
  else response.writeHead(request.url === "/refused" ? 413 : 404).end();
}

const pem = certificate && fs.readFileSync(certificate);
const server = pem ? https.createServer({ key: pem, cert: pem }, site) : http.createServer(site);
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
