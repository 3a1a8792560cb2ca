"""What only the HTTP edge can find wrong, beside the domain's own errors (接口层错误)."""

from __future__ import annotations

from libs.common.errors import Conflict, DomainError, Invalid


class Malformed(DomainError):
    """The request cannot be read at all: 400."""

    code = "malformed"
    zh = "请求格式错误：{reason_zh}"
    en = "The request is malformed: {reason}"


class MalformedJson(Malformed):
    """The body is not strict JSON."""

    code = "malformed-json"


class KeyMissing(DomainError):
    """A `POST` without `Idempotency-Key`: 400."""

    code = "idempotency-key-missing"
    zh = "缺少 Idempotency-Key 请求头（每个操作一个唯一键，重试时保持不变）"
    en = "The header Idempotency-Key is missing: one key per operation, the same on every retry"


class KeyReused(Invalid):
    """The key came before with another request: 422."""

    code = "idempotency-key-reused"
    zh = "该 Idempotency-Key 已用于内容不同的请求"
    en = "This Idempotency-Key was used before with a different request"


class InFlight(Conflict):
    """The first request with the key has not ended: 409 with Retry-After."""

    code = "request-in-flight"
    zh = "同一请求正在处理中，请稍后重试"
    en = "The same request is being carried out now, try again shortly"


class VersionMissing(DomainError):
    """A change without `If-Match`: 428."""

    code = "version-required"
    zh = "缺少 If-Match 请求头（填写读取时的 ETag）"
    en = "The header If-Match is missing: send the ETag that you read"


class Unauthenticated(DomainError):
    """No credential, or one that does not hold: 401. The sentence does not say which check failed."""

    code = "unauthenticated"
    zh = "未登录或登录凭证无效"
    en = "Sign in: the credential is missing or not valid"


class TokenExpired(Unauthenticated):
    """The token's time has passed: fetch a new one."""

    code = "token-expired"
    zh = "登录凭证已过期，请重新获取"
    en = "The token has expired, fetch a new one"


class BodyTooLarge(DomainError):
    """The body is larger than the route takes: 413."""

    code = "body-too-large"
    zh = "请求体超过 {limit} 字节"
    en = "The body is larger than {limit} bytes"


class BodyTooSlow(DomainError):
    """The body did not come in time: 408."""

    code = "body-too-slow"
    zh = "请求体未在 {seconds} 秒内送达"
    en = "The body did not arrive within {seconds} seconds"


class BodyBrokenOff(Malformed):
    """The connection ended before the body did: nobody will read this answer."""

    code = "body-broken-off"


class UnsupportedContent(DomainError):
    """The content type is missing or not one that the route reads: 415."""

    code = "unsupported-content"
    zh = "不支持的内容类型，请使用 {expected}"
    en = "The content type is not supported, use {expected}"


class AddressTooLong(DomainError):
    """The path and query are longer than is read: 414."""

    code = "address-too-long"
    zh = "请求地址超过 {limit} 字节"
    en = "The address is longer than {limit} bytes"


class HeadersTooLarge(DomainError):
    """The headers together are larger than is read: 431."""

    code = "headers-too-large"
    zh = "请求头超过 {limit} 字节"
    en = "The headers are larger than {limit} bytes"


class TooManyRequests(DomainError):
    """The caller's share is used up: 429 with Retry-After."""

    code = "too-many-requests"
    zh = "请求过于频繁，请稍后重试"
    en = "Too many requests, try again later"


class RouteNotFound(DomainError):
    """No such path: 404."""

    code = "route-not-found"
    zh = "没有这个接口路径"
    en = "There is no such path"


class MethodNotAllowed(DomainError):
    """The path does not know the method: 405."""

    code = "method-not-allowed"
    zh = "该路径不支持此请求方法"
    en = "The path does not support this method"


class InternalFault(DomainError):
    """A mistake of ours: 500. What happened is in the log under the trace id."""

    code = "internal-error"
    zh = "服务内部错误，已记录，请提供追踪号以便查询"
    en = "An internal error, it has been recorded: quote the trace id when you ask"
