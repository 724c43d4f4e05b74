#!/usr/bin/env bash
# buf 1.74.0, the strictest category of `buf breaking` (FILE), and a changed `google.api.http` path.
#
# Guess: FILE is the strictest there is, and a path by which JSON clients call a method belongs to the API, so changing it
# is told as a break.
# So it is: options of methods that are extensions are not looked at. A changed path, or a method that leaves HTTP, passes
# without a word and with status 0, while a renamed field in the same file is refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @bufbuild/buf@1.74.0
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check googleapis-common-protos==1.76.0
mkdir -p proto/google/api proto/films/v1
cp venv/lib/python3*/site-packages/google/api/{annotations,http}.proto proto/google/api/
printf 'version: v2\nmodules:\n  - path: proto\nbreaking:\n  use: [FILE]\n' >buf.yaml
cat >proto/films/v1/films.proto <<'PROTO'
syntax = "proto3";
package films.v1;
import "google/api/annotations.proto";
service FilmService {
  rpc GetFilm(GetFilmRequest) returns (GetFilmResponse) {
    option (google.api.http) = {get: "/v1/films/{film_id}"};
  }
}
message GetFilmRequest {
  string film_id = 1;
}
message GetFilmResponse {
  string name = 1;
}
PROTO
buf=node_modules/.bin/buf
echo "buf $($buf --version)"
$buf build --output released.binpb

# changed WHAT FROM TO: what the guard answers to one change.
changed() {
    cp proto/films/v1/films.proto before
    sed -i "s|$2|$3|" proto/films/v1/films.proto
    local status=0 said
    said=$($buf breaking --against released.binpb 2>&1) || status=$?
    cp before proto/films/v1/films.proto
    printf '%-22s status %s: %s\n' "$1" "$status" "${said:-(nothing)}"
    last="$status $said"
}
changed 'another path' '/v1/films/' '/v1/movies/'
[ "$last" = '0 ' ]
changed 'no path at all' 'option (google.api.http).*' ''
[ "$last" = '0 ' ]
changed 'a renamed field' 'string name = 1' 'string title = 1'
[ "${last%% *}" != 0 ]
