# frozen_string_literal: true

module EE
  module API
    module Helpers
      module IntegrationsHelpers
        extend ActiveSupport::Concern

        class_methods do
          extend ::Gitlab::Utils::Override

          override :integrations
          def integrations
            super.merge(
              'strongbox' => ::Integrations::Strongbox.api_arguments
            )
          end

          override :integration_classes
          def integration_classes
            [
              ::Integrations::Strongbox,
              *super
            ]
          end
        end
      end
    end
  end
end
