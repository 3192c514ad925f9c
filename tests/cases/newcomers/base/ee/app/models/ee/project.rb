# frozen_string_literal: true

module EE
  module Project
    extend ActiveSupport::Concern

    prepended do
      has_one :strongbox_integration, class_name: 'Integrations::Strongbox'
    end

    def licensed?
      true
    end
  end
end
