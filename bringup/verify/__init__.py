"""`bringup ops verify`: what the registry claims, asked of the installed ttnn again."""
