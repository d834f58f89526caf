"""oci.py OUTPUT NAME LAYER-DIRECTORY... - an image in the OCI image layout (OCI image specification 1.0) of these layers, lowest first"""
import gzip, hashlib, io, json, os, sys, tarfile

output, name, layers = sys.argv[1], sys.argv[2], sys.argv[3:]
blobs = os.path.join(output, "blobs", "sha256")


def blob(data, media_type):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, digest), "wb") as f:
        f.write(data)
    return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(data)}


def member(info):
    info.uname = info.gname = ""
    return info


def layer(directory):
    """the descriptor of a directory as a layer, and the digest of its tar"""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as t:
        for entry in sorted(os.listdir(directory)):
            t.add(os.path.join(directory, entry), arcname=entry, filter=member)
    raw = tar.getvalue()
    diff = "sha256:" + hashlib.sha256(raw).hexdigest()
    return blob(gzip.compress(raw, 6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip"), diff


def dumps(x):
    return json.dumps(x, sort_keys=True).encode()


made = [layer(d) for d in layers]
config = {
    "architecture": "amd64", "os": "linux",
    "config": {
        "Entrypoint": ["/usr/lib/sysmaster/sysmaster-init"], "StopSignal": "SIGRTMIN+3",
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=oci"],
    },
    "rootfs": {"type": "layers", "diff_ids": [diff for _, diff in made]},
}
manifest = {
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": blob(dumps(config), "application/vnd.oci.image.config.v1+json"), "layers": [d for d, _ in made],
}
reference = blob(dumps(manifest), "application/vnd.oci.image.manifest.v1+json")
reference["annotations"] = {"org.opencontainers.image.ref.name": name}
with open(os.path.join(output, "index.json"), "wb") as f:
    f.write(dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [reference]}))
with open(os.path.join(output, "oci-layout"), "wb") as f:
    f.write(dumps({"imageLayoutVersion": "1.0.0"}))
