"""`deliveries` 通知发送: notices go out through the gateways of the deployment, until they are taken."""
