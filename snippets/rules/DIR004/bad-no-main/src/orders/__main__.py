from orders.server import serve

serve(8080)
