"""Images: their parts, and whether one is built by an App repo or comes from somebody else."""

from __future__ import annotations

import re

from apparch.repository.kustomize.image_name import split_image

_OFFICIAL = frozenset(
    str.split("""
    adminer aerospike almalinux alpine alt amazoncorretto amazonlinux arangodb archlinux bash bonita
    buildpack-deps busybox caddy cassandra chronograf clearlinux clickhouse clojure composer consul convertigo
    couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch
    elixir emqx erlang fedora flink fluentd friendica gazebo gcc geonetwork ghost golang gradle groovy haproxy
    haskell haxe hello-world hitch httpd hylang ibmjava influxdb irssi jenkins jetty joomla jruby julia
    kapacitor kibana kong lightstreamer liquibase logstash mageia mariadb matomo maven mediawiki memcached mongo
    mongo-express monica mysql nats nats-streaming neo4j neurodebian nextcloud nginx node odoo open-liberty
    openjdk oraclelinux orientdb percona perl photon php phpmyadmin plone postfixadmin postgres pypy python
    r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine
    satosa scratch silverpeas solr sonarqube spark spiped storm swift swipl teamspeak telegraf tomcat tomee
    traefik ubuntu unit varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper valkey minio
    """)
)
_REGISTRIES = ("registry.k8s.io/", "k8s.gcr.io/", "mcr.microsoft.com/", "docker.elastic.co/", "gcr.io/distroless/",
               "gcr.io/cloudsql-docker/", "gcr.io/cloud-sql-connectors/", "gcr.io/kubebuilder/",
               "gcr.io/kaniko-project/", "gcr.io/cadvisor/", "nvcr.io/", "lscr.io/", "registry.gitlab.com/gitlab-org/",
               "public.ecr.aws/docker/",
               "public.ecr.aws/aws", "public.ecr.aws/eks", "docker.dragonflydb.io/", "oci.external-secrets.io/",
               "gcr.io/google-containers/", "gcr.io/google_containers/", "gcr.io/heptio-images/", "cr.fluentbit.io/",
               "cr.l5d.io/", "docker.redpanda.com/", "xpkg.upbound.io/", "reg.kyverno.io/")  # fmt: skip
_OWNERS = frozenset(
    str.split("""
    aquasec argoproj authelia bitnami bitnamilegacy bitnamisecure busybox calico ceph chartmuseum cilium clastix
    cloudflare cloudnative-pg coredns confluentinc controlplaneio-fluxcd coreos crossplane crowdsecurity datadog
    dexidp dragonflydb edoburu elastic envoyproxy external-secrets falcosecurity fluent fluxcd forgejo gitea
    goauthentik goharbor google-containers google_containers grafana hashicorp home-assistant home-operations
    istio jaegertracing jettech jetstack jenkins jimmidyson keycloak kedacore kiali kiwigrid k8s-at-home koenkk
    kubernetes-csi kubernetesui kubernetes-sigs kyverno library linkerd linuxserver longhornio metallb
    metalmatze mirantis minio mittwald mozilla nats-io neuvector newrelic nfs-ganesha nginxinc nginx
    node-exporter oauth2-proxy oliver006 onedr0p open-telemetry openebs openpolicyagent otel pomerium portainer
    prom prometheus prometheus-operator prometheuscommunity prometheus-community projectcalico quickwit rancher
    rook sealed-secrets-controller snapshot-controller spotify stakater strimzi thanos thanosio tigera traefik
    vectordotdev vaultwarden velero victoriametrics vmware-tanzu weaveworks zalando zricethezav alexellis2
    openfaas apache cockroachdb timescale redis redislabs mongodb clickhouse postgis pgbouncer curlimages
    actions sysbox nvidia flyway redgate liquibase migrate amacneil arigaio
    advplyr alpine amazon apachepulsar axllent b3log binwiederhier blakeblackshear budibase chrislusf codercom
    crunchydata ctferio ddosify debezium dgtlmoon directxman12 docker dpage emberstack fairwinds firefly-iii
    fireflyiii frooodle gethomepage getmeili gitlab gitlab-org gotson guacamole haproxytech hasura homeassistant
    hotio immich-app jupyter jupyterhub k8ssandra kavita knative kubereboot louislam matrixdotorg mattermost
    mealie-recipes n8nio netbirdio nicolaka nodered obsidiandynamics opencost opensearchproject openzipkin
    organizr ory outlinewiki owncloud piraeusdatastore plexinc plndr postgrest provectuslabs rabbitmqoperator
    requarks rocketchat scylladb siderolabs sonarsource sonatype spegel-org stashapp stirling-tools supabase
    alexta69 apachesuperset argilla chromadb deluan filebrowser jellyfin kometateam langfuse langgenius lldap
    meisnate12 milvusdb nginxdemos ollama open-webui paperless-ngx paulbouwer photoprism pihole qdrant rhasspy
    searxng semitechnologies syncthing tautulli technitium tensorchord typesense unleashorg valkey victorialogs
    wazuh xwiki yacy zabbix
    tektoncd tensorflow umami-software usememos vectorim vllm woodpeckerci xpra yugabytedb zigbee2mqtt zwavejs
    """)
)
_MIRRORED = frozenset(
    str.split("""
    alpine aws-cli busybox cassandra clickhouse consul curl elasticsearch etcd grafana haproxy helm influxdb kafka
    keycloak kibana kubectl logstash mariadb memcached minio mongo mongodb mysql nats opensearch pgbouncer postgres
    postgresql prometheus rabbitmq rclone redis restic squid traefik valkey vault zookeeper
    """)
)
"""What is published under a name that nobody gives an app, so that it is the same in a registry of one's own."""
_PUBLIC = frozenset(
    str.split("docker.io index.docker.io registry-1.docker.io mirror.gcr.io ghcr.io quay.io gcr.io public.ecr.aws")
) | {"registry.gitlab.com", "registry.hub.docker.com", "docker.pkg.github.com", "lscr.io", "codeberg.org"}
_PLACEHOLDER = re.compile(
    r"[${}<>]|PLACEHOLDER|REPLACE|CHANGE_?ME|(^|[:/])(TAG|VERSION|IMAGE|REGISTRY)(_|$)", re.IGNORECASE
)


def parts(image: str) -> tuple[str, str, str]:
    """An image reference's name, tag and digest; what is absent is empty."""
    return split_image(image)


def is_somebody_elses(image: str) -> bool:
    """Whether an image is a published product, by its registry, owner and name; any other is taken for an app's."""
    name = split_image(image)[0].lower()
    if name.startswith(_REGISTRIES):
        return True
    name = re.sub(r"^(docker\.io|index\.docker\.io|registry-1\.docker\.io|mirror\.gcr\.io)/", "", name)
    steps = name.split("/")
    if len(steps) == 1:
        return name in _OFFICIAL
    if steps[-1] in _MIRRORED:
        return True
    has_registry = "." in steps[0] or ":" in steps[0]
    if has_registry and steps.pop(0) not in ("ghcr.io", "quay.io", "gcr.io", "public.ecr.aws"):
        return False
    return bool(_OWNERS.intersection(steps[:-1])) or _is_of_its_own(steps)


def _is_of_its_own(steps: list[str]) -> bool:
    """Whether a project gave its own name to its owner, as published products do."""
    plain = [re.sub(r"[-_.]", "", each) for each in steps[-2:]]
    return len(plain) > 1 and re.sub(r"(?<=\w)(app|org|ngx|hq|project)$", "", plain[0]) in (
        plain[1],
        plain[1].removesuffix("ngx"),
    )


def owner(image: str) -> str:
    """Who publishes an image below a name of their own on a registry that everybody uses; empty for any other."""
    name = re.sub(r"^(docker\.io|ghcr\.io|quay\.io)/", "", split_image(image)[0].lower())
    first, _, rest = name.partition("/")
    return first if rest and not re.search(r"[.:$<{]", first) and first != "library" else ""


def has_own_registry(image: str) -> bool:
    """Whether an image lies in a registry that is not everybody's."""
    first, slash, _ = image.partition("/")
    return bool(slash) and re.search(r"[.:]", first) is not None and first not in _PUBLIC and "$" not in first


def is_placeholder(image: str) -> bool:
    """Whether something else fills in the name or the tag: a variable, a mark that says so."""
    return _PLACEHOLDER.search(image) is not None
