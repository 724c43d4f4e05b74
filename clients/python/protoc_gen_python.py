"""A plugin of buf that generates Python messages, type stubs and gRPC stubs.

It hands the work to the protoc inside `grpcio-tools`, which is pinned, so that nothing but pip is needed. The generated
modules live in the package `warung.gen`: their imports of each other are moved there, and the package `warung` itself
is free for the hand-written face.
"""

import re
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.compiler import plugin_pb2
from grpc_tools import protoc

PACKAGE = "warung/"
IMPORT = re.compile(r"^(from|import) warung\.", re.MULTILINE)


def generate(request: plugin_pb2.CodeGeneratorRequest) -> plugin_pb2.CodeGeneratorResponse:
    """Generates the modules of the files that the request names."""
    response = plugin_pb2.CodeGeneratorResponse(
        supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    names = [name for name in request.file_to_generate if name.startswith(PACKAGE)]
    if not names:
        return response
    with tempfile.TemporaryDirectory() as folder:
        descriptors = Path(folder, "descriptors.bin")
        descriptors.write_bytes(descriptor_pb2.FileDescriptorSet(file=request.proto_file).SerializeToString())
        out = Path(folder, "out")
        out.mkdir()
        status = protoc.main(
            [
                "protoc",
                f"--descriptor_set_in={descriptors}",
                f"--python_out={out}",
                f"--pyi_out={out}",
                f"--grpc_python_out={out}",
                *names,
            ]
        )
        if status != 0:
            response.error = f"protoc ended with status {status}"
            return response
        services = {file.name.removesuffix(".proto") for file in request.proto_file if file.service}
        for path in sorted(out.rglob("*.py*")):
            name = path.relative_to(out).as_posix()
            # protoc writes a gRPC module for files without services too, with nothing in it.
            if name.endswith("_pb2_grpc.py") and name.removesuffix("_pb2_grpc.py") not in services:
                continue
            response.file.add(
                name=name.removeprefix(PACKAGE),
                content=IMPORT.sub(r"\1 warung.gen.", path.read_text(encoding="utf-8")),
            )
    return response


if __name__ == "__main__":
    wanted = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(wanted).SerializeToString())
