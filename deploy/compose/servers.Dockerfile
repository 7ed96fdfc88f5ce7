# The servers behind calls, as Debian 13 has them. The proxy of a cluster is in Debian 12's package.
FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends coturn janus nats-server nextcloud-spreed-signaling \
 && rm -rf /var/lib/apt/lists/*
USER nobody
