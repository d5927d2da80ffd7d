"""What a package.json tells of its package: a server, a web app, a library, or what runs on a desk."""

from __future__ import annotations

import json
import re
from typing import Any

_SERVERS = frozenset(
    str.split("""
    express fastify koa @nestjs/core @hapi/hapi hapi restify next nuxt @sveltejs/kit hono @hono/node-server polka micro
    @remix-run/serve @remix-run/node @react-router/serve apollo-server @apollo/server apollo-server-express graphql-yoga
    socket.io ws probot discord.js telegraf grammy @slack/bolt sails @strapi/strapi strapi @adonisjs/core moleculer
    @feathersjs/feathers @feathersjs/koa http-proxy json-server @grpc/grpc-js bullmq kafkajs amqplib mqtt aedes
    node-telegram-bot-api whatsapp-web.js @whiskeysockets/baileys parse-server node-red ghost elysia h3 nitropack
    """)
)
_PAGES = frozenset(
    str.split("""
    react-dom vue svelte @angular/core solid-js preact react-scripts gatsby astro lit vite
    """)
)
_STARTS = re.compile(
    r"\b(node|nodemon|ts-node(-dev)?|tsx|nest|next|nuxt|nuxi|pm2|bun|deno|remix-serve|react-router-serve|strapi|sails"
    r"|probot|fastify|medusa|node-red|forever|cross-env \S+ node)\b"
)
_SHOWS = re.compile(r"\b(vite|react-scripts|ng|vue-cli-service|gatsby|astro|webpack|parcel|rsbuild|craco|next|nuxt)\b")
_DESKTOP = frozenset(
    {"electron", "expo", "react-native", "@tauri-apps/api", "@capacitor/core", "nativescript", "wxt", "plasmo"}
)


def serves(text: str) -> bool:
    """Whether a script starts a server, and the package needs what servers are made with."""
    package = _package(text)
    scripts = _mapping(package, "scripts")
    started = (str(scripts.get(each, "")) for each in ("start", "start:prod", "serve", "server", "prod", "dev"))
    return bool(_SERVERS & _mapping(package, "dependencies").keys()) and any(map(_STARTS.search, started))


def is_web_app(text: str) -> bool:
    """Whether a script builds pages of it and nobody else is to import it."""
    package = _package(text)
    scripts = _mapping(package, "scripts")
    needed = _mapping(package, "dependencies").keys() | _mapping(package, "devDependencies").keys()
    built = _SHOWS.search(str(scripts.get("build", ""))) and any(
        _SHOWS.search(str(scripts.get(each, ""))) for each in ("start", "dev", "serve")
    )
    return bool(_PAGES & needed and built) and not ({"exports", "module", "files", "peerDependencies"} & package.keys())


def is_library(text: str) -> bool:
    """Whether it is there to be imported: it says what others get and starts nothing."""
    package = _package(text)
    offered = {"main", "exports", "module", "types"} & package.keys() and package.get("private") is not True
    scripts = _mapping(package, "scripts")
    return bool(offered) and "bin" not in package and not ({"start", "serve", "start:prod"} & scripts.keys())


def is_desktop(text: str) -> bool:
    """Whether it runs on somebody's desk or phone, or in an editor."""
    package = _package(text)
    needed = _mapping(package, "dependencies").keys() | _mapping(package, "devDependencies").keys()
    return bool(_DESKTOP & needed) or "vscode" in _mapping(package, "engines")


def _package(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _mapping(package: dict[str, Any], key: str) -> dict[str, Any]:
    found = package.get(key)
    return found if isinstance(found, dict) else {}
