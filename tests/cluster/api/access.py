"""Who may do what: users by their tokens, and RBAC for all but the cluster's administrator."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from tests.cluster import errors
from tests.cluster.resources import Resource
from tests.cluster.shelf import Object
from tests.cluster.store import Store

# What everybody may ask, as the role system:basic-user says.
_EVERYBODYS = {"selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"}


@dataclass(frozen=True)
class User:
    """A name and its groups."""

    name: str
    groups: tuple[str, ...] = ("system:authenticated",)


ADMIN = User("system:admin", ("system:masters", "system:authenticated"))


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do to which resource."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


@dataclass
class Access:
    """Tokens, and what their users may do by the roles in the store."""

    store: Store
    admin_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _tokens: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tokens[self.admin_token] = ADMIN

    def user(self, authorization: str) -> User:
        """Who sends a request; raises Unauthorized."""
        token = authorization.removeprefix("Bearer ")
        if token not in self._tokens:
            raise errors.Unauthorized("Unauthorized")
        return self._tokens[token]

    def impersonated(self, user: User, headers: Headers) -> User:
        """The user that a request is to be judged as; raises Forbidden where its sender may not be another."""
        name = headers["impersonate-user"]
        self.require(user, Wish("impersonate", "", "users", name=name))
        return User(name, (*headers.getlist("impersonate-group"), "system:authenticated"))

    def token_of(self, namespace: str, account: str) -> str:
        """A new token of a ServiceAccount."""
        token = secrets.token_urlsafe(24)
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
        self._tokens[token] = User(f"system:serviceaccount:{namespace}:{account}", groups)
        return token

    def require(self, user: User, wish: Wish) -> None:
        """Raises Forbidden where no role of the user allows it."""
        if not self.allows(user, wish):
            raise errors.forbidden(wish.group, wish.resource, wish.name or None, refusal(user, wish))

    def allows(self, user: User, wish: Wish) -> bool:
        """Whether a role of the user allows it."""
        if "system:masters" in user.groups or (wish.verb == "create" and wish.resource in _EVERYBODYS):
            return True
        return any(_allows(rule, wish) for rule in self.rules(user, wish.namespace))

    def rules(self, user: User, namespace: str) -> Iterator[dict[str, Any]]:
        """All rules that hold for a user in a namespace."""
        for binding in self._list("clusterrolebindings"):
            if _binds(binding, user):
                yield from self._rules_of(binding["roleRef"], None)
        for binding in self._list("rolebindings", namespace) if namespace else ():
            if _binds(binding, user):
                yield from self._rules_of(binding["roleRef"], namespace)

    def _rules_of(self, reference: Object, namespace: str | None) -> list[dict[str, Any]]:
        plural = "clusterroles" if reference["kind"] == "ClusterRole" else "roles"
        resource = self.store.resources.named(f"{plural}.rbac.authorization.k8s.io")
        try:
            role = self.store.get(resource, namespace, reference["name"])
        except errors.NotFound:
            return []
        return role.get("rules") or []

    def _list(self, plural: str, namespace: str | None = None) -> list[Object]:
        return self.store.list(self.store.resources.named(f"{plural}.rbac.authorization.k8s.io"), namespace)[0]


def refusal(user: User, wish: Wish) -> str:
    """Why it is refused, in the words of the API server."""
    scope = f'in the namespace "{wish.namespace}"' if wish.namespace else "at the cluster scope"
    return f'User "{user.name}" cannot {wish.verb} resource "{wish.resource}" in API group "{wish.group}" {scope}'


def review(access: Access, user: User, kind: str, body: Object) -> Object:
    """The answer to a question about access: SelfSubjectAccessReview and its like."""
    spec = body.get("spec") or {}
    if kind == "SelfSubjectReview":
        return body | {"status": {"userInfo": {"username": user.name, "groups": list(user.groups)}}}
    if kind == "SelfSubjectRulesReview":
        everything = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
        rules = everything if "system:masters" in user.groups else list(access.rules(user, spec.get("namespace", "")))
        return body | {"status": {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}}
    if kind in {"SubjectAccessReview", "LocalSubjectAccessReview"}:
        user = User(spec.get("user", ""), tuple(spec.get("groups") or ()))
    asked = spec.get("resourceAttributes") or {}
    named = asked.get("resource", "") + (f"/{asked['subresource']}" if asked.get("subresource") else "")
    wish = Wish(asked.get("verb", ""), asked.get("group", ""), named, asked.get("namespace", ""), asked.get("name", ""))
    return body | {"status": {"allowed": access.allows(user, wish)}}


def wish_of(verb: str, resource: Resource, namespace: str | None, name: str | None, subresource: str | None) -> Wish:
    """What a request wants to do."""
    named = f"{resource.plural}/{subresource}" if subresource else resource.plural
    return Wish(verb, resource.group, named, namespace or "", name or "")


def _binds(binding: Object, user: User) -> bool:
    for each in binding.get("subjects") or ():
        match each.get("kind"):
            case "User":
                found = each["name"] == user.name
            case "Group":
                found = each["name"] in user.groups
            case _:
                found = user.name == f"system:serviceaccount:{each.get('namespace', '')}:{each['name']}"
        if found:
            return True
    return False


def _allows(rule: dict[str, Any], wish: Wish) -> bool:
    def among(field: str, value: str) -> bool:
        listed = rule.get(field) or []
        return "*" in listed or value in listed

    names = rule.get("resourceNames") or []
    return (
        among("verbs", wish.verb)
        and among("apiGroups", wish.group)
        and among("resources", wish.resource)
        and (not names or wish.name in names)
    )
