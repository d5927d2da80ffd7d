defmodule Orders.MixProject do
  use Mix.Project

  def project(env) do
    [app: :orders, version: "1.0.0", start_permanent: env == :prod]
  end
end
