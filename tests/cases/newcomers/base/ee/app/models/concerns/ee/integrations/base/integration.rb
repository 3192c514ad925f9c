# frozen_string_literal: true

module EE
  module Integrations
    module Base
      module Integration
        extend ActiveSupport::Concern

        EE_INTEGRATION_NAMES = %w[
          strongbox
        ].freeze

        EE_PROJECT_LEVEL_ONLY_INTEGRATION_NAMES = %w[
          observatory
        ].freeze

        EE_INSTANCE_LEVEL_ONLY_INTEGRATION_NAMES = %w[
          oracle
        ].freeze

        class_methods do
          def integration_names
            super + EE_INTEGRATION_NAMES
          end
        end
      end
    end
  end
end
