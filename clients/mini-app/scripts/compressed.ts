import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import type { Plugin } from "vite";

/** Smaller files gain nothing, in bytes: what is saved would go into the headers. */
const LEAST_BYTES = 1_024;

/**
 * Puts a brotli and a gzip form beside each file whose name carries a hash of its content, as small as they get: the edge sends
 * them as they are. `index.html` has none, since it may be edited after the build.
 */
export function compressed(): Plugin {
  return {
    name: "warung:compressed",
    apply: "build",
    enforce: "post",
    // The last of all: what is compressed is the file as it will be.
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          const content = Buffer.from(file.type === "chunk" ? file.code : file.source);
          if (!fileName.startsWith("assets/") || content.length < LEAST_BYTES) {
            continue;
          }
          const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(content, { params }) });
          this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(content, { level: constants.Z_BEST_COMPRESSION }) });
        }
      },
    },
  };
}
